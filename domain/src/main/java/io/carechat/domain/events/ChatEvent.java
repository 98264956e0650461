package io.carechat.domain.events;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.TenantInstance;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** An event in a chat. */
public sealed interface ChatEvent extends Event {
  /** Returns the chat in which the event happened. */
  ChatId chat();

  /**
   * Returns the id of what the event is about: a message, or for a {@link RecordChanged} its own
   * id, which no message has.
   */
  ExternalId subject();

  @Override
  default TenantInstance instance() {
    return chat().instance();
  }

  /** An event that is about a message. When the message is erased, so is the event. */
  sealed interface OfMessage extends ChatEvent {
    /** Returns the message that the event is about. */
    Message message();

    @Override
    default ChatId chat() {
      return message().chat();
    }

    @Override
    default ExternalId subject() {
      return message().externalId();
    }
  }

  /**
   * A message was committed.
   *
   * @param message the message
   */
  record MessageSent(Message message) implements OfMessage {
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
  record ChatRead(Message message, ClientType side, Instant at) implements OfMessage {
    /**
     * @throws IllegalArgumentException if the time is not in whole milliseconds
     */
    public ChatRead {
      if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))) {
        throw new IllegalArgumentException("at must be in whole milliseconds");
      }
    }
  }

  /** What was done with the record of a chat as a whole. */
  enum RecordChange {
    /** Every message up to the time of the event was erased. */
    ERASED,
    /** The chat is kept, but neither shown nor changed until it is released. */
    RESTRICTED,
    /** The restriction was lifted. */
    RELEASED
  }

  /**
   * The record of a chat was erased, restricted or released. It contains nothing that anybody
   * wrote.
   *
   * @param chat the chat
   * @param change what was done
   * @param id the id of what was done, for example of the erasure
   * @param at when it was done, in whole milliseconds. Every message that an erasure has removed
   *     was created at this time or before, and every later message of the chat after it.
   */
  record RecordChanged(ChatId chat, RecordChange change, UUID id, Instant at) implements ChatEvent {
    /**
     * @throws IllegalArgumentException if the time is not in whole milliseconds
     */
    public RecordChanged {
      if (!at.equals(at.truncatedTo(ChronoUnit.MILLIS))) {
        throw new IllegalArgumentException("at must be in whole milliseconds");
      }
    }

    @Override
    public ExternalId subject() {
      return new ExternalId(id);
    }
  }
}
