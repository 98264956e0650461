@NullMarked
package io.carechat.persistence.schema;

import org.jspecify.annotations.NullMarked;
