/** The event log: everything that happens, in one order that all consumers see. */
@NullMarked
package io.carechat.domain.events;

import org.jspecify.annotations.NullMarked;
