package io.carechat.domain.inbox;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.util.Optional;

/**
 * Reads chats and their state. A call with a {@link TenantInstance} or {@link ChatId} never reads
 * or counts anything outside of it. Safe for use by many threads. Every method may throw {@link
 * Unavailable}.
 */
public interface ChatDirectory {
  /**
   * Reads up to {@code limit} chats of a window that meet a condition, in the order of {@link
   * ChatKey}. If the window has more, it reads those nearest to the cursor, or the newest ones for
   * {@link Window.Newest}. All chats are read as they are at one moment. Every chat that exists
   * when this is called, meets the condition, and lies in the window, can be found. The list that
   * the slice belongs to has only chats that meet the condition.
   *
   * @param limit the maximum number of chats, 1 or more
   */
  Slice<ChatSummary> list(
      TenantInstance instance, ChatFilter filter, Window<ChatKey> window, int limit);

  /** Returns one chat. The result is empty if the chat has no message. */
  Optional<ChatDetails> find(ChatId chat);
}
