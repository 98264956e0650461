/** Search queries: their words, their conditions, and the typing errors that they tolerate. */
@NullMarked
package io.carechat.domain.search.query;

import org.jspecify.annotations.NullMarked;
