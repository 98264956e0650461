/**
 * Makes jOOQ's classes from the migrations, on a real PostgreSQL: what the migrations say is what
 * the code is compiled against.
 */
@NullMarked
package io.carechat.persistence.codegen;

import org.jspecify.annotations.NullMarked;
