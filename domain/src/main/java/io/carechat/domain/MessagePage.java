package io.carechat.domain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a chat, or of a search in it or in all chats of an instance.
 *
 * @param newestFirst its items
 * @param older leads to the next older page; null if there is nothing older
 * @param newer leads to what is newer, now or later; never null, so that a client can always come
 *     back
 */
public record MessagePage(
    List<PagedMessage> newestFirst, @Nullable PageToken older, PageToken newer) {
  public MessagePage {
    newestFirst = List.copyOf(newestFirst);
  }
}
