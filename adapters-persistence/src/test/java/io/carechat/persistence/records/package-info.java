@NullMarked
package io.carechat.persistence.records;

import org.jspecify.annotations.NullMarked;
