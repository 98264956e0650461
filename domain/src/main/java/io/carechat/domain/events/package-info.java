/** The event log: what happened, in one order for all consumers. */
@NullMarked
package io.carechat.domain.events;

import org.jspecify.annotations.NullMarked;
