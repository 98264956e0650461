package io.carechat.rest.messages;

import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.rest.paging.PageTokenCodec;
import io.carechat.rest.paging.PageTokenType;
import java.time.Instant;

/** Reads and writes the page tokens of the messages of a chat ({@code LOCAL_FIND}). */
final class FindTokens {
  private static final PageTokenCodec CODEC = new PageTokenCodec(PageTokenType.LOCAL_FIND);

  private FindTokens() {}

  static String write(PageToken<Instant> token) {
    return CODEC.write(token.pageSize(), token.cursor(), token.before());
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if the token cannot be used for this list
   */
  static PageToken<Instant> read(String text) {
    PageTokenCodec.Token token = CODEC.read(text);
    return new PageToken<>(token.pageSize(), token.borderDate(), token.before());
  }
}
