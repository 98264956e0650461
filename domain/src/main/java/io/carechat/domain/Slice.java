package io.carechat.domain;

import java.util.List;

/**
 * Consecutive messages of a chat.
 *
 * @param newestFirst without gaps between them
 * @param olderExist whether the chat has messages older than these; for an empty slice of {@link
 *     Window.After}, whether it has any at or before the border
 */
public record Slice(List<Message> newestFirst, boolean olderExist) {
  public Slice {
    newestFirst = List.copyOf(newestFirst);
  }
}
