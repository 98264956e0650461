/**
 * The HTTP API on Helidon. It implements the operations of the contract with the domain. {@link
 * ChatApi} is the only class that other modules need to start it.
 */
@NullMarked
package io.carechat.rest;

import org.jspecify.annotations.NullMarked;
