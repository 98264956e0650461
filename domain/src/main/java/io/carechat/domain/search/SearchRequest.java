package io.carechat.domain.search;

import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import org.jspecify.annotations.Nullable;

/**
 * A search as a caller asks for it.
 *
 * @param <K> the key that orders the hits
 * @param query the query; null to use the query of the token
 * @param token the token of the page; null for the newest hits
 * @param size the page size; null for the size in the token, or {@link PageSize#DEFAULT} without a
 *     token
 * @param filter further conditions on the hits
 * @param highlight whether to fill in {@link PagedMessage#highlights}
 */
public record SearchRequest<K extends Comparable<? super K>>(
    @Nullable SearchQuery query,
    @Nullable SearchToken<K> token,
    @Nullable PageSize size,
    SearchFilter filter,
    boolean highlight) {

  /**
   * Returns the query to use.
   *
   * @throws InvalidRequest if there is neither a query nor a token, or the query is not the query
   *     of the token
   */
  SearchQuery effectiveQuery() {
    if (token == null) {
      if (query == null) {
        throw new InvalidRequest("query", "is required without pageToken");
      }
      return query;
    }
    if (query != null && !query.text().equals(token.query())) {
      throw new InvalidRequest("query", "must be the query of the pageToken, or be left out");
    }
    return SearchQuery.parse(token.query());
  }

  /** Returns which page of the hits is asked for. */
  PageRequest<K> page() {
    return new PageRequest<>(token == null ? null : token.page(), size);
  }
}
