/**
 * PostgreSQL: messages, the event log and the ledger of webhook deliveries behind one facade,
 * {@link io.carechat.persistence.PostgresStorage}.
 *
 * <p>Queries are built with jOOQ against the classes made from the migrations, rendered once, and
 * run with JDBC, because most are sent together with the settings of row-level security in one
 * round trip. The few set-based writes are SQL as it is.
 */
@NullMarked
package io.carechat.persistence;
import org.jspecify.annotations.NullMarked;
