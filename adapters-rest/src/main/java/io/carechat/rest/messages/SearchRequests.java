package io.carechat.rest.messages;

import io.carechat.api.MessageSearch;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.search.SearchRequest;
import io.carechat.domain.search.SearchToken;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.rest.mapping.ApiMapper;
import java.util.function.Function;

/** Searches as callers ask for them: by parameters or by a body, in one chat or in all. */
final class SearchRequests {
  private SearchRequests() {}

  /**
   * Reads a search.
   *
   * @param tokens reads a token of this kind of search
   * @throws InvalidRequest if the query is none
   * @throws io.carechat.domain.paging.InvalidPageToken if the token cannot be used
   */
  static <K extends Comparable<? super K>> SearchRequest<K> read(
      MessageSearch asked, Function<String, SearchToken<K>> tokens) {
    String text = asked.query();
    if (text != null) {
      SearchQuery.faultIn(text)
          .ifPresent(rule -> {
            throw new InvalidRequest("query", rule);
          });
    }
    return new SearchRequest<>(
        text == null ? null : SearchQuery.parse(text),
        asked.pageToken() == null ? null : tokens.apply(asked.pageToken()),
        ApiMapper.pageSize(asked.pageSize()),
        new SearchFilter(asked.from(), asked.to(), ApiMapper.clientType(asked.clientType())),
        Boolean.TRUE.equals(asked.highlight()));
  }
}
