/**
 * The domain of the chat service. It uses no framework and does no I/O. Everything that it needs
 * from outside is a port: an interface in one of these packages that an adapter implements.
 */
@NullMarked
package io.carechat.domain;

import org.jspecify.annotations.NullMarked;
