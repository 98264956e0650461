package io.carechat.domain;

import org.jspecify.annotations.Nullable;

/**
 * A message on its way into the log, which gives it its time.
 *
 * @param key null if the caller gave none, and then every call stores a message of its own
 */
public record NewMessage(
    ChatId chat,
    ExternalId externalId,
    Sender sender,
    MessageText text,
    @Nullable IdempotencyKey key) {

  /** Whether a stored message came from the same request: the same chat, sender and text. */
  public boolean asksForSameAs(Message stored) {
    return chat.equals(stored.chat())
        && sender.equals(stored.sender())
        && text.equals(stored.text());
  }
}
