package io.carechat.domain.search;

import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.search.query.SearchQuery;
import org.jspecify.annotations.Nullable;

/**
 * A page of hits, newest first.
 *
 * @param <K> the key that orders the hits
 * @param hits the page
 * @param query what was searched for
 */
public record SearchPage<K extends Comparable<? super K>>(
    Page<PagedMessage, K> hits, SearchQuery query) {
  /** Leads to the next older page; null if there is nothing older. */
  public @Nullable SearchToken<K> older() {
    PageToken<K> older = hits.older();
    return older == null ? null : new SearchToken<>(older, query.text());
  }

  /** Leads to what is newer, now or later. */
  public SearchToken<K> newer() {
    return new SearchToken<>(hits.newer(), query.text());
  }
}
