package io.carechat.rest.messages;

import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.rest.mapping.TokenFormat;
import io.carechat.rest.mapping.TokenType;
import java.time.Instant;

/** Reads and writes the page tokens of the messages of a chat ({@code LOCAL_FIND}). */
final class FindTokens {
  private static final TokenFormat FORMAT = new TokenFormat(TokenType.LOCAL_FIND);

  private FindTokens() {}

  static String write(PageToken<Instant> token) {
    return FORMAT.write(token.pageSize(), token.cursor(), token.before());
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if the token cannot be used for this list
   */
  static PageToken<Instant> read(String text) {
    TokenFormat.Token token = FORMAT.read(text);
    return new PageToken<>(token.pageSize(), token.borderDate(), token.before());
  }
}
