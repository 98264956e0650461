package io.carechat.domain.chat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A message as it was stored. It never changes.
 *
 * @param chat the chat that the message was sent in
 * @param externalId the id of the message
 * @param sender who sent the message
 * @param text the text exactly as it was sent
 * @param createdAt when the message was committed, in whole milliseconds. Within a chat, each
 *     committed message has a later time than the one before. So the time identifies one message of
 *     its chat.
 */
public record Message(
    ChatId chat, ExternalId externalId, Sender sender, MessageText text, Instant createdAt) {
  /**
   * @throws IllegalArgumentException if the time is not in whole milliseconds
   */
  public Message {
    if (!createdAt.equals(createdAt.truncatedTo(ChronoUnit.MILLIS))) {
      throw new IllegalArgumentException("createdAt must be in whole milliseconds");
    }
  }
}
