package io.carechat.domain.messages;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Sender;
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
