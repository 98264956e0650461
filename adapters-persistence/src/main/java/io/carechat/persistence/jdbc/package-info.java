/** Connections to PostgreSQL, and what all statements have in common. */
@NullMarked
package io.carechat.persistence.jdbc;

import org.jspecify.annotations.NullMarked;
