package io.carechat.domain.inbox;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import java.util.List;

/**
 * The state of a chat. It is derived from the messages and the read markers as they were at one
 * moment.
 *
 * @param lastMessage the newest message of the chat
 * @param unread how many messages each side has not read
 * @param readMarkers the markers of the sides that have read something, the patient's marker first
 */
public record ChatSummary(Message lastMessage, Unread unread, List<ReadMarker> readMarkers) {
  /** Copies the list. */
  public ChatSummary {
    readMarkers = List.copyOf(readMarkers);
  }

  /** Returns the id of the chat. */
  public ChatId chat() {
    return lastMessage.chat();
  }

  /** Returns the key of the chat among the chats of its instance. */
  public ChatKey key() {
    return new ChatKey(lastMessage.createdAt(), chat().patient());
  }
}
