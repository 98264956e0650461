/** The operations on events: pages and streams. */
@NullMarked
package io.carechat.rest.events;

import org.jspecify.annotations.NullMarked;
