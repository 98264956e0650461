/** Exports in PostgreSQL: what is exported, the files, and the queue of those to be written. */
@NullMarked
package io.carechat.persistence.exports;

import org.jspecify.annotations.NullMarked;
