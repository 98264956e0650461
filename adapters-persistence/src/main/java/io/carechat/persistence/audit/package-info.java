/** The audit in PostgreSQL. */
@NullMarked
package io.carechat.persistence.audit;

import org.jspecify.annotations.NullMarked;
