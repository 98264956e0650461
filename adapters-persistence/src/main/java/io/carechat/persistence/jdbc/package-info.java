/**
 * Access to PostgreSQL that all other packages share: connections, statements that are written with
 * jOOQ and run by JDBC, writes that share a transaction, and the server's clock. Depends on no
 * other package of the module but the generated classes.
 */
@NullMarked
package io.carechat.persistence.jdbc;

import org.jspecify.annotations.NullMarked;
