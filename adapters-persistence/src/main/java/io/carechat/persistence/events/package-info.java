/** The event log in PostgreSQL. */
@NullMarked
package io.carechat.persistence.events;

import org.jspecify.annotations.NullMarked;
