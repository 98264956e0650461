package io.carechat.rest.messages;

import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.rest.mapping.TokenFormat;
import io.carechat.rest.mapping.TokenType;
import java.time.Instant;

/** The page tokens of a chat's messages ({@code LOCAL_FIND}). */
final class FindTokens {
  private static final TokenFormat FORMAT = new TokenFormat(TokenType.LOCAL_FIND);

  private FindTokens() {}

  static String write(PageToken<Instant> token) {
    return FORMAT.write(token.pageSize(), token.border(), token.before());
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if it cannot be used here
   */
  static PageToken<Instant> read(String text) {
    TokenFormat.Token token = FORMAT.read(text);
    return new PageToken<>(token.pageSize(), token.borderDate(), token.before());
  }
}
