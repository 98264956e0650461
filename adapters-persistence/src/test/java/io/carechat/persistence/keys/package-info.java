/** Tests of keys in PostgreSQL. */
@NullMarked
package io.carechat.persistence.keys;

import org.jspecify.annotations.NullMarked;
