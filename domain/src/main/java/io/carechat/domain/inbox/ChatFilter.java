package io.carechat.domain.inbox;

import io.carechat.domain.chat.ClientType;
import org.jspecify.annotations.Nullable;

/**
 * A condition on the chats of an instance.
 *
 * <p>A side's marker never moves back, and no message is stored before an older one. So a chat that
 * this side has read only becomes unread by a new message, and then its {@link ChatKey} changes
 * too. This is why a list with this condition can be read page by page: no chat ever appears in the
 * middle of it.
 *
 * @param unreadBy only chats in which this side has not read all messages of the other side; null
 *     for all chats
 */
public record ChatFilter(@Nullable ClientType unreadBy) {
  /** All chats. */
  public static final ChatFilter ALL = new ChatFilter(null);

  /** Returns whether a chat meets the condition. */
  public boolean contains(ChatSummary chat) {
    return unreadBy == null || chat.unread().by(unreadBy) > 0;
  }
}
