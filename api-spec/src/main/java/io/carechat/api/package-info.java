/**
 * The contract as Java: the models, and for each tag an interface that a service implements, all
 * generated from {@code openapi.yaml}. The generator gives those interfaces names that end in
 * "Service".
 */
@NullMarked
package io.carechat.api;
import org.jspecify.annotations.NullMarked;
