package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.util.List;

/**
 * The legal holds of chats. A call with a {@link ChatId} never reads or changes holds of another
 * chat. Safe for use by many threads and by several nodes. Every method may throw {@link
 * Unavailable}.
 */
public interface LegalHolds {
  /** The highest number of holds of one chat. */
  int MAX = 100;

  /** The result of {@link #place}. */
  enum Placed {
    /** The hold is there, and so is every message that the chat had. */
    PLACED,
    /** The chat has no message, or is being erased. */
    NO_CHAT,
    /** The chat has {@value #MAX} holds. */
    TOO_MANY
  }

  /**
   * Places a hold. Either it comes before an erasure, which then waits, or there is nothing left.
   */
  Placed place(ChatId chat, LegalHold hold);

  /** Returns the holds of a chat, oldest first. */
  List<LegalHold> list(ChatId chat);

  /**
   * Lifts a hold. If it was the last one, an erasure that waited begins.
   *
   * @param now the time, in whole milliseconds
   * @return false if the chat has no such hold
   */
  boolean lift(ChatId chat, HoldId id, Instant now);
}
