/**
 * The composition root: configuration, credentials, threads, and the plain constructors that make
 * the parts a service.
 */
@NullMarked
package io.carechat.bootstrap;
import org.jspecify.annotations.NullMarked;
