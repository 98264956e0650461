/** What a search query means: its words, its conditions, and the typing errors that it forgives. */
@NullMarked
package io.carechat.domain.search.query;

import org.jspecify.annotations.NullMarked;
