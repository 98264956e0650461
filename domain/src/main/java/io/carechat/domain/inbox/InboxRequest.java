package io.carechat.domain.inbox;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import org.jspecify.annotations.Nullable;

/**
 * The page of the chats of an instance that a caller asks for.
 *
 * @param unreadBy only chats that this side has not read; null for the condition of the token, or
 *     for all chats without a token
 * @param token the token of the page; null for the chats with the newest messages
 * @param size the page size; null for the size in the token, or {@link PageSize#DEFAULT} without a
 *     token
 */
public record InboxRequest(
    @Nullable ClientType unreadBy, @Nullable InboxToken token, @Nullable PageSize size) {

  /**
   * Returns the condition that the chats meet.
   *
   * @throws InvalidRequest if the token has another condition than the request
   */
  ChatFilter filter() {
    if (token == null) {
      return new ChatFilter(unreadBy);
    }
    if (unreadBy != null && unreadBy != token.filter().unreadBy()) {
      throw new InvalidRequest("unreadBy", "must be the unreadBy of the pageToken, or be left out");
    }
    return token.filter();
  }

  /** Returns which page of these chats is asked for. */
  PageRequest<ChatKey> page() {
    return new PageRequest<>(token == null ? null : token.page(), size);
  }
}
