package io.carechat.domain;

/** Something that happened in a chat, as the event log tells it. */
public sealed interface ChatEvent {
  /** The chat that it happened in. */
  ChatId chat();

  /** A message was committed. */
  record MessageSent(Message message) implements ChatEvent {
    @Override
    public ChatId chat() {
      return message.chat();
    }
  }
}
