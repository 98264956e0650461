@NullMarked
package io.carechat.rest.paging;

import org.jspecify.annotations.NullMarked;
