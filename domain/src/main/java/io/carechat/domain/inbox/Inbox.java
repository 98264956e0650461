package io.carechat.domain.inbox;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lists the chats of an instance for the care team, and records what each side has read. Safe for
 * use by many threads. Every method may throw {@link Unavailable}.
 */
public final class Inbox {
  private final ChatDirectory chats;
  private final ReadMarkers markers;

  /**
   * @param chats reads the chats
   * @param markers stores what each side has read
   */
  public Inbox(ChatDirectory chats, ReadMarkers markers) {
    this.chats = chats;
    this.markers = markers;
  }

  /**
   * Returns a page of the chats of an instance, or of those that one side has not read. Chats with
   * the most recent messages come first. Suppose that a caller reads from page to older page. A
   * chat that gets no message meanwhile is on exactly one of the pages. A chat that gets messages
   * meanwhile is on at most one page, because it only ever moves to the front. If only unread chats
   * are asked for, this holds for those that stay unread; a chat that is read meanwhile is on at
   * most one page.
   *
   * @throws AccessDenied if the caller may not read the whole instance
   * @throws InvalidRequest if the token has another condition than the request
   */
  public InboxPage list(Caller caller, TenantInstance instance, InboxRequest request) {
    caller.require(Scope.READ_MESSAGES, instance);
    ChatFilter filter = request.filter();
    PageSize size = request.page().size();
    Window<ChatKey> window = request.page().window();
    Slice<ChatSummary> slice = chats.list(instance, filter, window, size.value());
    return new InboxPage(
        Page.of(slice, window, size, ChatSummary::key, ChatKey.NEIGHBOURS), filter);
  }

  /**
   * Returns the state of one chat. The result is empty if the chat has no message.
   *
   * @throws AccessDenied if the caller may not read the chat
   */
  public Optional<ChatDetails> get(Caller caller, ChatId chat) {
    caller.require(Scope.READ_MESSAGES, chat);
    return chats.find(chat);
  }

  /**
   * Records that one side of a chat has read it up to a message. If the side has already read a
   * newer message, nothing changes.
   *
   * @param upTo the message
   * @param as the side that has read; null for the side that the credential stands for, which for a
   *     partner is the patient
   * @return the side's marker as it is now; empty if the chat has no such message
   * @throws AccessDenied if the caller may not read the chat, or may not mark messages as read for
   *     that side
   */
  public Optional<ReadMarker> markRead(
      Caller caller, ChatId chat, ExternalId upTo, @Nullable ClientType as) {
    caller.require(Scope.READ_MESSAGES, chat);
    ClientType own =
        switch (caller) {
          case Caller.Partner partner -> ClientType.PATIENT;
          case Caller.PatientUser patient -> ClientType.PATIENT;
          case Caller.CareTeamUser user -> ClientType.CARE_TEAM;
        };
    ClientType side = as == null ? own : as;
    if (side != own
        && !(caller instanceof Caller.Partner && caller.may(Scope.SEND_AS_CARE_TEAM, chat))) {
      throw new AccessDenied(Scope.SEND_AS_CARE_TEAM);
    }
    return markers.advance(chat, side, upTo);
  }
}
