package io.carechat.domain.chat;

/**
 * A reference to a message in any chat.
 *
 * @param chat the chat of the message
 * @param id the id of the message
 */
public record MessageRef(ChatId chat, ExternalId id) {
  /** Returns the reference to a message. */
  public static MessageRef of(Message message) {
    return new MessageRef(message.chat(), message.externalId());
  }
}
