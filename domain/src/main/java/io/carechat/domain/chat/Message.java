package io.carechat.domain.chat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A message as it was stored. It never changes.
 *
 * @param createdAt when it was committed, to the millisecond. Strictly increasing within a chat in
 *     the order of commits, so that it names one place in the chat.
 */
public record Message(
    ChatId chat, ExternalId externalId, Sender sender, MessageText text, Instant createdAt) {
  /**
   * @throws IllegalArgumentException if the time is finer than a millisecond
   */
  public Message {
    if (!createdAt.equals(createdAt.truncatedTo(ChronoUnit.MILLIS))) {
      throw new IllegalArgumentException("createdAt must be in whole milliseconds");
    }
  }
}
