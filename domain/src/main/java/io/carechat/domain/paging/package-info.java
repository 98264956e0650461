/** Reading lists page by page. All lists of the service use these types. */
@NullMarked
package io.carechat.domain.paging;

import org.jspecify.annotations.NullMarked;
