/** The tables: migrations, and the checks that the promises can be kept. */
@NullMarked
package io.carechat.persistence.schema;

import org.jspecify.annotations.NullMarked;
