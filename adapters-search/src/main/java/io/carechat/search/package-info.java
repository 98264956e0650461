/** Elasticsearch, which proposes what a search may find. */
@NullMarked
package io.carechat.search;

import org.jspecify.annotations.NullMarked;
