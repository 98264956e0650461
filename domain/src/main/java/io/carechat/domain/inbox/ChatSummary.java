package io.carechat.domain.inbox;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import java.util.List;

/**
 * How a chat stands. All of it is derived from the messages and the markers, as they were at one
 * moment.
 *
 * @param lastMessage its newest message
 * @param readMarkers of the sides that have read something: the patient's before the care team's
 */
public record ChatSummary(Message lastMessage, Unread unread, List<ReadMarker> readMarkers) {
  public ChatSummary {
    readMarkers = List.copyOf(readMarkers);
  }

  /** Which chat it is. */
  public ChatId chat() {
    return lastMessage.chat();
  }

  /** Its key among the chats of its instance. */
  public ChatKey key() {
    return new ChatKey(lastMessage.createdAt(), chat().patient());
  }
}
