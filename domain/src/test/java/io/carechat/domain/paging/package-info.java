@NullMarked
package io.carechat.domain.paging;

import org.jspecify.annotations.NullMarked;
