@NullMarked
package io.carechat.domain.records;

import org.jspecify.annotations.NullMarked;
