package io.carechat.domain;

import java.util.List;

/**
 * A message with the ways on from it.
 *
 * @param older leads to what is older in the chat
 * @param newer leads to what is newer in the chat
 * @param highlights the matching fragments, as {@link SearchQuery#highlights} makes them; empty if
 *     none were asked for
 */
public record PagedMessage(
    Message message, PageToken.Find older, PageToken.Find newer, List<String> highlights) {
  public PagedMessage {
    highlights = List.copyOf(highlights);
  }

  static PagedMessage of(Message message, PageSize size, List<String> highlights) {
    return new PagedMessage(
        message,
        new PageToken.Find(size, message.createdAt(), true),
        new PageToken.Find(size, message.createdAt(), false),
        highlights);
  }
}
