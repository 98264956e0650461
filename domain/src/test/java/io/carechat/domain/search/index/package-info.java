@NullMarked
package io.carechat.domain.search.index;

import org.jspecify.annotations.NullMarked;
