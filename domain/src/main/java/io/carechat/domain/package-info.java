/** The chat itself, pure: no framework, no I/O. What the world must provide is a port here. */
@NullMarked
package io.carechat.domain;

import org.jspecify.annotations.NullMarked;
