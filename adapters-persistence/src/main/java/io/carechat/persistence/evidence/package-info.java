/** The signed checkpoints of the audit in PostgreSQL. */
@NullMarked
package io.carechat.persistence.evidence;

import org.jspecify.annotations.NullMarked;
