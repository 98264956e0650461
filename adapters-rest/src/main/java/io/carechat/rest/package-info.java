/**
 * The HTTP API on Helidon: implements the contract's operations on the domain. {@link ChatApi} is
 * the one way in; everything behind it is of no concern to others.
 */
@NullMarked
package io.carechat.rest;
import org.jspecify.annotations.NullMarked;
