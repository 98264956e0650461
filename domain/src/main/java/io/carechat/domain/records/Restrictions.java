package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Restricts chats: a restricted chat is kept, but neither shown nor changed. When {@link #restrict}
 * has returned, no message of the chat can be sent, read, found or marked as read, on no node,
 * until {@link #lift}. Safe for use by many threads. Every method may throw {@link Unavailable}.
 */
public interface Restrictions {
  /**
   * Restricts a chat, and logs that. Changes nothing if the chat is restricted already.
   *
   * @param id the id of the event
   * @param now the time, in whole milliseconds
   * @return since when it is restricted; empty if the chat has no message
   */
  Optional<Instant> restrict(ChatId chat, UUID id, Instant now);

  /**
   * Lifts the restriction of a chat, and logs that.
   *
   * @param id the id of the event
   * @param now the time, in whole milliseconds
   * @return false if the chat was not restricted
   */
  boolean lift(ChatId chat, UUID id, Instant now);
}
