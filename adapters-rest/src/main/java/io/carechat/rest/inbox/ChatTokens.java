package io.carechat.rest.inbox;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.inbox.ChatFilter;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.inbox.InboxToken;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.domain.paging.PageToken;
import io.carechat.rest.paging.PageTokenCodec;
import io.carechat.rest.paging.PageTokenType;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads and writes the page tokens of the chats of an instance ({@code CHATS}). Those of the whole
 * list have no {@code unreadBy}.
 */
final class ChatTokens {
  private static final String UNREAD_BY = "unreadBy";
  private static final PageTokenCodec CODEC =
      new PageTokenCodec(PageTokenType.CHATS, "borderId").withOptional(UNREAD_BY);

  private ChatTokens() {}

  static String write(InboxToken token) {
    PageToken<ChatKey> page = token.page();
    ClientType side = token.filter().unreadBy();
    return CODEC.writeWithOptional(
        side == null ? null : side.name(),
        page.pageSize(),
        page.cursor().lastCreatedAt(),
        page.before(),
        page.cursor().patient().toString());
  }

  /**
   * Reads a token.
   *
   * @throws InvalidPageToken if the token cannot be used for this list
   */
  static InboxToken read(String text) {
    PageTokenCodec.Token token = CODEC.read(text);
    var cursor =
        new ChatKey(token.borderDate(), token.member("borderId", "a UUID", PatientId::parse));
    var filter =
        new ChatFilter(
            token.optionalMember(UNREAD_BY, "a side of a chat", ChatTokens::side).orElse(null));
    return new InboxToken(new PageToken<>(token.pageSize(), cursor, token.before()), filter);
  }

  private static Optional<ClientType> side(String name) {
    return Stream.of(ClientType.values()).filter(side -> side.name().equals(name)).findFirst();
  }
}
