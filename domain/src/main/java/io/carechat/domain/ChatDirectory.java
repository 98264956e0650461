package io.carechat.domain;

import java.util.Optional;

/**
 * Which chats there are, and how they stand. Safe for use by many threads. Every method may throw
 * {@link Unavailable}. What a {@link TenantInstance} or {@link ChatId} does not name is never read
 * or counted.
 */
public interface ChatDirectory {
  /**
   * Reads up to {@code limit} chats of a window, those nearest to its border (for {@link
   * ChatWindow.Newest}, the newest), all as they are at one moment, in the order of {@link
   * ChatPlace}. Every chat that is at its place when this is called, and lies in the window, is
   * found.
   *
   * @param limit 1 or more
   */
  ChatSlice list(TenantInstance place, ChatWindow window, int limit);

  /** One chat; empty if it has no message. */
  Optional<ChatDetails> find(ChatId chat);
}
