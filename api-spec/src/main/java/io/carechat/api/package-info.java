/**
 * The contract in Java. It has the models, and for each tag an interface that a service implements.
 * All of this is generated from {@code openapi.yaml}. The generator gives the interfaces names that
 * end in "Service".
 */
@NullMarked
package io.carechat.api;

import org.jspecify.annotations.NullMarked;
