package io.carechat.domain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of an instance's chats.
 *
 * @param newestFirst its items, those with the most recent messages first
 * @param older leads to the next older page; null if there is nothing older
 * @param newer leads to what is newer, now or later; never null, so that a client can always come
 *     back
 */
public record ChatPage(
    List<ChatSummary> newestFirst, PageToken.@Nullable Chats older, PageToken.Chats newer) {
  public ChatPage {
    newestFirst = List.copyOf(newestFirst);
  }
}
