package io.carechat.rest.messages;

import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.search.SearchToken;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.rest.paging.PageTokenCodec;
import io.carechat.rest.paging.PageTokenType;
import java.time.Instant;
import java.util.Optional;

/**
 * Reads and writes the page tokens of searches ({@code LOCAL_SEARCH} and {@code INSTANCE_SEARCH}).
 */
final class SearchTokens {
  private static final PageTokenCodec IN_CHAT =
      new PageTokenCodec(PageTokenType.LOCAL_SEARCH, "query");
  private static final PageTokenCodec IN_INSTANCE =
      new PageTokenCodec(PageTokenType.INSTANCE_SEARCH, "borderId", "query");

  private SearchTokens() {}

  static String writeInChat(SearchToken<Instant> token) {
    PageToken<Instant> page = token.page();
    return IN_CHAT.write(page.pageSize(), page.cursor(), page.before(), token.query());
  }

  static String writeInInstance(SearchToken<MessageKey> token) {
    PageToken<MessageKey> page = token.page();
    return IN_INSTANCE.write(
        page.pageSize(),
        page.cursor().createdAt(),
        page.before(),
        page.cursor().id().toString(),
        token.query());
  }

  /**
   * Reads a token of a search in one chat.
   *
   * @throws InvalidPageToken if the token cannot be used for this search
   */
  static SearchToken<Instant> readInChat(String text) {
    PageTokenCodec.Token token = IN_CHAT.read(text);
    return new SearchToken<>(
        new PageToken<>(token.pageSize(), token.borderDate(), token.before()), query(token));
  }

  /**
   * Reads a token of a search in all chats.
   *
   * @throws InvalidPageToken if the token cannot be used for this search
   */
  static SearchToken<MessageKey> readInInstance(String text) {
    PageTokenCodec.Token token = IN_INSTANCE.read(text);
    var cursor =
        new MessageKey(
            token.borderDate(), token.member("borderId", "an externalId", ExternalId::parse));
    return new SearchToken<>(
        new PageToken<>(token.pageSize(), cursor, token.before()), query(token));
  }

  private static String query(PageTokenCodec.Token token) {
    return token.member("query", "a query", SearchTokens::query);
  }

  /** Reads a query. The contract allows fewer queries than the domain. */
  private static Optional<String> query(String text) {
    boolean isQuery =
        SearchQuery.faultIn(text).isEmpty()
            && !text.isBlank()
            && text.chars().noneMatch(SearchTokens::isForbidden);
    return isQuery ? Optional.of(text) : Optional.empty();
  }

  private static boolean isForbidden(int c) {
    return c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r');
  }
}
