package io.carechat.domain.inbox;

import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageToken;
import org.jspecify.annotations.Nullable;

/**
 * A page of the chats of an instance.
 *
 * @param chats the chats, those with the most recent messages first, with the positions of the
 *     pages on both sides
 * @param filter the condition that the chats meet
 */
public record InboxPage(Page<ChatSummary, ChatKey> chats, ChatFilter filter) {
  /** Returns the token of the next older page; null if there are no older chats. */
  public @Nullable InboxToken older() {
    PageToken<ChatKey> older = chats.older();
    return older == null ? null : new InboxToken(older, filter);
  }

  /** Returns the token of the chats that are newer, now or later. */
  public InboxToken newer() {
    return new InboxToken(chats.newer(), filter);
  }
}
