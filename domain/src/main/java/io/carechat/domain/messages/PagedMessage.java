package io.carechat.domain.messages;

import io.carechat.domain.chat.Message;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import java.time.Instant;
import java.util.List;

/**
 * A message together with the tokens of the pages before and after it in its chat.
 *
 * @param message the message
 * @param pageSize the size of these pages
 * @param highlights the fragments that match a search, as HTML; empty if none were asked for
 */
public record PagedMessage(Message message, PageSize pageSize, List<String> highlights) {
  /** Copies the list. */
  public PagedMessage {
    highlights = List.copyOf(highlights);
  }

  /** Returns the token of the older messages in the chat. */
  public PageToken<Instant> older() {
    return new PageToken<>(pageSize, message.createdAt(), true);
  }

  /** Returns the token of the newer messages in the chat. */
  public PageToken<Instant> newer() {
    return new PageToken<>(pageSize, message.createdAt(), false);
  }
}
