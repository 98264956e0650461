package io.carechat.domain;

import java.util.List;

/**
 * Consecutive chats of an instance.
 *
 * @param newestFirst without gaps between them
 * @param olderExist whether the instance has chats older than these; for an empty slice of {@link
 *     ChatWindow.After}, whether it has any at or before the border
 */
public record ChatSlice(List<ChatSummary> newestFirst, boolean olderExist) {
  public ChatSlice {
    newestFirst = List.copyOf(newestFirst);
  }
}
