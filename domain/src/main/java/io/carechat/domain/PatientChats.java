package io.carechat.domain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sending to a chat and paging through it. Safe for use by many threads. Every method may throw
 * {@link Unavailable}.
 */
public final class PatientChats {
  private final MessageLog log;
  private final TimeOrderedIds ids;

  public PatientChats(MessageLog log, TimeOrderedIds ids) {
    this.log = log;
    this.ids = ids;
  }

  /**
   * Sends a message.
   *
   * @param as the member of the care team that a partner sends for; null to send as whom the
   *     credential stands for, which for a partner is the patient
   * @param key null if the caller gave none
   */
  public SendResult send(
      Caller caller,
      ChatId chat,
      MessageText text,
      Sender.@Nullable CareTeamMember as,
      @Nullable IdempotencyKey key) {
    if (!caller.may(Scope.SEND_MESSAGES, chat)) {
      return new Forbidden(Scope.SEND_MESSAGES);
    }
    if (as != null && !mayNameSender(caller, chat)) {
      return new Forbidden(Scope.SEND_AS_CARE_TEAM);
    }
    Sender sender =
        switch (caller) {
          case Caller.Partner partner -> as != null ? as : new Sender.Patient(chat.patient());
          case Caller.PatientUser patient -> new Sender.Patient(chat.patient());
          case Caller.CareTeamUser user -> user.member();
        };
    var message = new NewMessage(chat, new ExternalId(ids.next()), sender, text, key);
    return switch (log.append(message)) {
      case MessageLog.Appended.Stored(Message stored) -> new SendResult.Sent(stored);
      case MessageLog.Appended.AlreadyStored(Message stored) -> new SendResult.Replayed(stored);
      case MessageLog.Appended.KeyTaken() -> new SendResult.KeyReused();
    };
  }

  private static boolean mayNameSender(Caller caller, ChatId chat) {
    return switch (caller) {
      case Caller.Partner partner -> partner.may(Scope.SEND_AS_CARE_TEAM, chat);
      case Caller.PatientUser patient -> false;
      case Caller.CareTeamUser user -> false;
    };
  }

  /**
   * A page of a chat: the newest, or the one that a token leads to. An empty chat, or one that does
   * not exist, has an empty page.
   *
   * @param size null for the token's, or {@link PageSize#DEFAULT} without one
   */
  public FindResult find(
      Caller caller, ChatId chat, PageToken.@Nullable Find token, @Nullable PageSize size) {
    if (!caller.may(Scope.READ_MESSAGES, chat)) {
      return new Forbidden(Scope.READ_MESSAGES);
    }
    PageSize effective = effectiveSize(size, token);
    Window window = token == null ? new Window.Newest() : token.window();
    Slice slice = log.read(chat, window, effective.value());
    List<PagedMessage> items =
        slice.newestFirst().stream()
            .map(message -> PagedMessage.of(message, effective, List.of()))
            .toList();
    Borders borders = Borders.of(slice.newestFirst(), window, slice.olderExist());
    Instant older = borders.older();
    return new FindResult.Found(
        new MessagePage(
            items,
            older == null ? null : new PageToken.Find(effective, older, true),
            new PageToken.Find(effective, borders.newer(), false)));
  }

  /** One message of a chat, with the tokens that lead on from it. */
  public GetResult get(Caller caller, ChatId chat, ExternalId id) {
    if (!caller.may(Scope.READ_MESSAGES, chat)) {
      return new Forbidden(Scope.READ_MESSAGES);
    }
    Optional<Message> message = log.find(chat, id);
    return message.isPresent()
        ? new GetResult.Got(PagedMessage.of(message.get(), PageSize.DEFAULT, List.of()))
        : new GetResult.NoSuchMessage();
  }

  static PageSize effectiveSize(@Nullable PageSize asked, @Nullable PageToken token) {
    if (asked != null) {
      return asked;
    }
    return token == null ? PageSize.DEFAULT : token.pageSize();
  }
}
