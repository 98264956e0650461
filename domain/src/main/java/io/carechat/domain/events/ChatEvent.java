package io.carechat.domain.events;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** An event in a chat. */
public sealed interface ChatEvent extends Event {
  /** Returns the message that the event is about. */
  Message message();

  /** Returns the chat in which the event happened. */
  default ChatId chat() {
    return message().chat();
  }

  @Override
  default TenantInstance instance() {
    return chat().instance();
  }

  /**
   * A message was committed.
   *
   * @param message the message
   */
  record MessageSent(Message message) implements ChatEvent {
    @Override
    public Instant at() {
      return message.createdAt();
    }
  }

  /**
   * One side of the chat has read further than before.
   *
   * @param message the newest message that this side has read
   * @param side the side that has read the message
   * @param at when it was marked as read, in whole milliseconds
   */
  record ChatRead(Message message, ClientType side, Instant at) implements ChatEvent {
    /**
     * @throws IllegalArgumentException if the time is not in whole milliseconds
     */
    public ChatRead {
      if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))) {
        throw new IllegalArgumentException("at must be in whole milliseconds");
      }
    }
  }
}
