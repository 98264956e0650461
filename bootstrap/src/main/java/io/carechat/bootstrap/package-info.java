/**
 * The composition root. It reads the configuration, checks credentials, owns the background
 * threads, and connects all modules to a running service with plain constructors.
 */
@NullMarked
package io.carechat.bootstrap;

import org.jspecify.annotations.NullMarked;
