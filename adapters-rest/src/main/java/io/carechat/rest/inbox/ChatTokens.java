package io.carechat.rest.inbox;

import io.carechat.domain.chat.PatientId;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.rest.paging.PageTokenCodec;
import io.carechat.rest.paging.PageTokenType;

/** Reads and writes the page tokens of the chats of an instance ({@code CHATS}). */
final class ChatTokens {
  private static final PageTokenCodec CODEC = new PageTokenCodec(PageTokenType.CHATS, "borderId");

  private ChatTokens() {}

  static String write(PageToken<ChatKey> token) {
    ChatKey cursor = token.cursor();
    return CODEC.write(
        token.pageSize(), cursor.lastCreatedAt(), token.before(), cursor.patient().toString());
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if the token cannot be used for this list
   */
  static PageToken<ChatKey> read(String text) {
    PageTokenCodec.Token token = CODEC.read(text);
    var cursor =
        new ChatKey(token.borderDate(), token.member("borderId", "a UUID", PatientId::parse));
    return new PageToken<>(token.pageSize(), cursor, token.before());
  }
}
