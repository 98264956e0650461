/** Connections: who they come from, what they may use, and when they are closed. */
@NullMarked
package io.carechat.rest.connections;

import org.jspecify.annotations.NullMarked;
