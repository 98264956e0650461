package io.carechat.domain.search;

import io.carechat.domain.paging.PageToken;
import io.carechat.domain.search.query.SearchQuery;

/**
 * A token that leads to a page of hits.
 *
 * @param <K> the key that orders the hits
 * @param page the position in the hits
 * @param query the text of the query, as it was typed
 */
public record SearchToken<K extends Comparable<? super K>>(PageToken<K> page, String query) {
  /**
   * @throws IllegalArgumentException if the text is not a valid query
   */
  public SearchToken {
    SearchQuery.requireValid(query);
  }

  /** Prints the token without the query. */
  @Override
  public String toString() {
    return "SearchToken[page=" + page + "]";
  }
}
