package io.carechat.domain.messages;

import io.carechat.domain.chat.Message;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PageToken;
import java.time.Instant;
import java.util.List;

/**
 * A message with the tokens that lead on from it in its chat.
 *
 * @param pageSize the size of the pages that they lead to
 * @param highlights the fragments that match a search, as HTML; empty if none were asked for
 */
public record PagedMessage(Message message, PageSize pageSize, List<String> highlights) {
  public PagedMessage {
    highlights = List.copyOf(highlights);
  }

  /** Leads to what is older in the chat. */
  public PageToken<Instant> older() {
    return new PageToken<>(pageSize, message.createdAt(), true);
  }

  /** Leads to what is newer in the chat. */
  public PageToken<Instant> newer() {
    return new PageToken<>(pageSize, message.createdAt(), false);
  }
}
