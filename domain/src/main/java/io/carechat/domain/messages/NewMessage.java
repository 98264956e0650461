package io.carechat.domain.messages;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Sender;
import org.jspecify.annotations.Nullable;

/**
 * A message that is to be stored. The log gives it its time.
 *
 * @param chat the chat to send to
 * @param externalId the id of the new message
 * @param sender who sends
 * @param text the text
 * @param key null if the caller gave none; then every call stores a message
 */
public record NewMessage(
    ChatId chat,
    ExternalId externalId,
    Sender sender,
    MessageText text,
    @Nullable IdempotencyKey key) {

  /** Returns the result if an earlier request with the same key has stored a message. */
  public MessageLog.Appended compareWithEarlier(Message stored) {
    return asksForSameAs(stored)
        ? new MessageLog.Appended.AlreadyStored(stored)
        : new MessageLog.Appended.KeyTaken();
  }

  /**
   * Returns whether a stored message came from the same request: it has the same chat, sender and
   * text.
   */
  public boolean asksForSameAs(Message stored) {
    return chat.equals(stored.chat())
        && sender.equals(stored.sender())
        && text.equals(stored.text());
  }
}
