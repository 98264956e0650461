package io.carechat.domain.search;

import io.carechat.domain.paging.PageToken;
import io.carechat.domain.search.query.SearchQuery;

/**
 * Leads to hits of a search.
 *
 * @param <K> the key that orders the hits
 * @param page where in the hits
 * @param query the search's query, as it was typed
 */
public record SearchToken<K extends Comparable<? super K>>(PageToken<K> page, String query) {
  /**
   * @throws IllegalArgumentException if the query is none
   */
  public SearchToken {
    SearchQuery.requireValid(query);
  }

  /** Says nothing of the query. */
  @Override
  public String toString() {
    return "SearchToken[page=" + page + "]";
  }
}
