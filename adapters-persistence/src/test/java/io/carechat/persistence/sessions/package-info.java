/** Tests of sessions in PostgreSQL. */
@NullMarked
package io.carechat.persistence.sessions;

import org.jspecify.annotations.NullMarked;
