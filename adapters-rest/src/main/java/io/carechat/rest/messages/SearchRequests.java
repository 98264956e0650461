package io.carechat.rest.messages;

import io.carechat.api.MessageSearch;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.search.SearchRequest;
import io.carechat.domain.search.SearchToken;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.rest.mapping.ApiMapper;
import java.util.function.Function;

/**
 * Reads searches of the contract. They come as parameters or as a body, and search in one chat or
 * in all chats.
 */
final class SearchRequests {
  private SearchRequests() {}

  /**
   * Reads a search.
   *
   * @param body the search, as the contract describes it
   * @param tokens reads a token of this kind of search
   * @throws InvalidRequest if the query is not valid
   * @throws io.carechat.domain.paging.InvalidPageToken if the token cannot be used
   */
  static <K extends Comparable<? super K>> SearchRequest<K> read(
      MessageSearch body, Function<String, SearchToken<K>> tokens) {
    String text = body.query();
    if (text != null) {
      SearchQuery.faultIn(text)
          .ifPresent(rule -> {
            throw new InvalidRequest("query", rule);
          });
    }
    return new SearchRequest<>(
        text == null ? null : SearchQuery.parse(text),
        body.pageToken() == null ? null : tokens.apply(body.pageToken()),
        ApiMapper.pageSize(body.pageSize()),
        new SearchFilter(body.from(), body.to(), ApiMapper.clientType(body.clientType())),
        Boolean.TRUE.equals(body.highlight()));
  }
}
