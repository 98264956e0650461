package io.carechat.domain.chat;

/** Names a message of any chat. */
public record MessageRef(ChatId chat, ExternalId id) {
  /** The name of a message. */
  public static MessageRef of(Message message) {
    return new MessageRef(message.chat(), message.externalId());
  }
}
