package io.carechat.domain.inbox;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.util.Optional;

/**
 * Which chats there are, and how they stand. Safe for use by many threads. Every method may throw
 * {@link Unavailable}. What a {@link TenantInstance} or {@link ChatId} does not name is never read
 * or counted.
 */
public interface ChatDirectory {
  /**
   * Reads up to {@code limit} chats of a window, those nearest to its border (for {@link
   * Window.Newest}, the newest), all as they are at one moment, in the order of {@link ChatKey}.
   * Every chat that is there when this is called, and lies in the window, is found.
   *
   * @param limit 1 or more
   */
  Slice<ChatSummary> list(TenantInstance instance, Window<ChatKey> window, int limit);

  /** One chat; empty if it has no message. */
  Optional<ChatDetails> find(ChatId chat);
}
