/**
 * PostgreSQL: messages, the event log, the inbox and webhook deliveries behind one facade, {@link
 * io.carechat.persistence.PostgresStorage}.
 *
 * <p>Statements are written with jOOQ against the classes that are generated from the migrations.
 * They are rendered once, and run by JDBC: most are sent together with the settings of row-level
 * security in one round trip.
 */
@NullMarked
package io.carechat.persistence;

import org.jspecify.annotations.NullMarked;
