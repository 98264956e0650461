package io.carechat.rest.inbox;

import io.carechat.domain.chat.PatientId;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.rest.mapping.TokenFormat;
import io.carechat.rest.mapping.TokenType;

/** The page tokens of an instance's chats ({@code CHATS}). */
final class ChatTokens {
  private static final TokenFormat FORMAT = new TokenFormat(TokenType.CHATS, "borderId");

  private ChatTokens() {}

  static String write(PageToken<ChatKey> token) {
    ChatKey border = token.border();
    return FORMAT.write(
        token.pageSize(), border.lastCreatedAt(), token.before(), border.patient().toString());
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if it cannot be used here
   */
  static PageToken<ChatKey> read(String text) {
    TokenFormat.Token token = FORMAT.read(text);
    var border =
        new ChatKey(token.borderDate(), token.own("borderId", "a UUID", PatientId::parse));
    return new PageToken<>(token.pageSize(), border, token.before());
  }
}
