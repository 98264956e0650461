/** Tests of the storage, all against a real PostgreSQL. */
@NullMarked
package io.carechat.persistence;

import org.jspecify.annotations.NullMarked;
