/** How every list is read page by page. */
@NullMarked
package io.carechat.domain.paging;

import org.jspecify.annotations.NullMarked;
