package io.carechat.domain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chats of an instance as the care team goes through them, and what each side has read. Safe
 * for use by many threads. Every method may throw {@link Unavailable}.
 */
public final class Inbox {
  private final ChatDirectory chats;
  private final ReadMarkers markers;

  public Inbox(ChatDirectory chats, ReadMarkers markers) {
    this.chats = chats;
    this.markers = markers;
  }

  /**
   * A page of an instance's chats: those with the most recent messages, or the page that a token
   * leads to. Of a walk to older pages: a chat that gets no message meanwhile is on exactly one of
   * them, and one that gets messages on one at most, because it only ever moves to the front.
   *
   * @param size null for the token's, or {@link PageSize#DEFAULT} without one
   */
  public ListChatsResult list(
      Caller caller,
      TenantInstance place,
      PageToken.@Nullable Chats token,
      @Nullable PageSize size) {
    if (!caller.may(Scope.READ_MESSAGES, place)) {
      return new Forbidden(Scope.READ_MESSAGES);
    }
    PageSize effective = PatientChats.effectiveSize(size, token);
    ChatWindow window = token == null ? new ChatWindow.Newest() : token.window();
    ChatSlice slice = chats.list(place, window, effective.value());
    return new ListChatsResult.Listed(
        new ChatPage(
            slice.newestFirst(),
            slice.olderExist()
                ? token(effective, olderBorder(slice.newestFirst(), window), true)
                : null,
            token(effective, newerBorder(slice.newestFirst(), window), false)));
  }

  private static PageToken.Chats token(PageSize size, ChatPlace border, boolean before) {
    return new PageToken.Chats(size, border.lastCreatedAt(), border.patient(), before);
  }

  /** As with {@link Borders}: coming back from an empty page must find the border's own chat. */
  private static ChatPlace olderBorder(List<ChatSummary> newestFirst, ChatWindow window) {
    if (!newestFirst.isEmpty()) {
      return newestFirst.getLast().place();
    }
    return switch (window) {
      case ChatWindow.Newest() -> ChatPlace.startOf(Instant.EPOCH);
      case ChatWindow.Before(ChatPlace border) -> border;
      case ChatWindow.After(ChatPlace border) -> border.afterItsTime();
    };
  }

  private static ChatPlace newerBorder(List<ChatSummary> newestFirst, ChatWindow window) {
    if (!newestFirst.isEmpty()) {
      return newestFirst.getFirst().place();
    }
    return switch (window) {
      case ChatWindow.Newest() -> ChatPlace.startOf(Instant.EPOCH);
      case ChatWindow.Before(ChatPlace border) -> border.beforeItsTime();
      case ChatWindow.After(ChatPlace border) -> border;
    };
  }

  /** How one chat stands. */
  public GetChatResult get(Caller caller, ChatId chat) {
    if (!caller.may(Scope.READ_MESSAGES, chat)) {
      return new Forbidden(Scope.READ_MESSAGES);
    }
    Optional<ChatDetails> details = chats.find(chat);
    return details.isPresent()
        ? new GetChatResult.Got(details.get())
        : new GetChatResult.NoMessages();
  }

  /**
   * Tells that a side of a chat has read it up to a message. A message older than what the side has
   * read already changes nothing.
   *
   * @param as the side that read; null for the one that the credential stands for, which for a
   *     partner is the patient
   */
  public MarkReadResult markRead(
      Caller caller, ChatId chat, ExternalId upTo, @Nullable ClientType as) {
    if (!caller.may(Scope.READ_MESSAGES, chat)) {
      return new Forbidden(Scope.READ_MESSAGES);
    }
    ClientType own =
        switch (caller) {
          case Caller.Partner partner -> ClientType.PATIENT;
          case Caller.PatientUser patient -> ClientType.PATIENT;
          case Caller.CareTeamUser user -> ClientType.CARE_TEAM;
        };
    ClientType side = as == null ? own : as;
    if (side != own
        && !(caller instanceof Caller.Partner && caller.may(Scope.SEND_AS_CARE_TEAM, chat))) {
      return new Forbidden(Scope.SEND_AS_CARE_TEAM);
    }
    Optional<ReadMarker> marker = markers.advance(chat, side, upTo);
    return marker.isPresent()
        ? new MarkReadResult.Marked(marker.get())
        : new MarkReadResult.NoSuchMessage();
  }
}
