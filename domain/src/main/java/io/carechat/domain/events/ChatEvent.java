package io.carechat.domain.events;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Something that happened in a chat. */
public sealed interface ChatEvent extends Event {
  /** The message that it is about. */
  Message message();

  /** The chat that it happened in. */
  default ChatId chat() {
    return message().chat();
  }

  @Override
  default TenantInstance instance() {
    return chat().instance();
  }

  /** A message was committed. */
  record MessageSent(Message message) implements ChatEvent {
    @Override
    public Instant at() {
      return message.createdAt();
    }
  }

  /**
   * One side of the chat has read it up to a message, further than before.
   *
   * @param message the newest message that was read
   * @param side who read
   */
  record ChatRead(Message message, ClientType side, Instant at) implements ChatEvent {
    /**
     * @throws IllegalArgumentException if the time is finer than a millisecond
     */
    public ChatRead {
      if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))) {
        throw new IllegalArgumentException("at must be in whole milliseconds");
      }
    }
  }
}
