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
 * @param titleIsAsked whether the title of the sender belongs to what the caller asks for. That of
 *     a member of the care team who sends under their own name comes from the credential, and may
 *     be another one after the next sign-in.
 */
public record NewMessage(
    ChatId chat,
    ExternalId externalId,
    Sender sender,
    MessageText text,
    @Nullable IdempotencyKey key,
    boolean titleIsAsked) {
  /** Makes a message with a title that the caller asks for, if the sender has one. */
  public NewMessage(
      ChatId chat,
      ExternalId externalId,
      Sender sender,
      MessageText text,
      @Nullable IdempotencyKey key) {
    this(chat, externalId, sender, text, key, true);
  }

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
        && isSameSender(stored.sender())
        && text.equals(stored.text());
  }

  private boolean isSameSender(Sender earlier) {
    return titleIsAsked
        ? sender.equals(earlier)
        : sender.clientType() == earlier.clientType() && sender.id().equals(earlier.id());
  }
}
