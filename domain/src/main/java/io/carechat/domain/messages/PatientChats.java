package io.carechat.domain.messages;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages to a chat and reads its messages page by page. Safe for use by many threads. Every
 * method may throw {@link Unavailable}.
 */
public final class PatientChats {
  private final MessageLog log;
  private final TimeOrderedIds ids;
  private final SendQuotas quotas;

  /**
   * Makes chats without quotas.
   *
   * @param log stores the messages
   * @param ids makes the ids of new messages
   */
  public PatientChats(MessageLog log, TimeOrderedIds ids) {
    this(log, ids, SendQuotas.none());
  }

  /**
   * @param log stores the messages
   * @param ids makes the ids of new messages
   * @param quotas how much each instance may send
   */
  public PatientChats(MessageLog log, TimeOrderedIds ids, SendQuotas quotas) {
    this.log = log;
    this.ids = ids;
    this.quotas = quotas;
  }

  /**
   * Sends a message. A request that repeats an earlier one is answered whatever the quota is.
   *
   * @param as the member of the care team for whom a partner sends; null to send as the person that
   *     the credential stands for, which for a partner is the patient
   * @param key null if the caller gave none
   * @throws AccessDenied if the caller may not send to the chat, or not as that sender
   */
  public SendResult send(
      Caller caller,
      ChatId chat,
      MessageText text,
      Sender.@Nullable CareTeamMember as,
      @Nullable IdempotencyKey key) {
    caller.require(Scope.SEND_MESSAGES, chat);
    if (as != null && !mayNameSender(caller, chat)) {
      throw new AccessDenied(Scope.SEND_AS_CARE_TEAM);
    }
    Sender sender =
        switch (caller) {
          case Caller.Partner partner -> as != null ? as : new Sender.Patient(chat.patient());
          case Caller.PatientUser patient -> new Sender.Patient(chat.patient());
          case Caller.CareTeamUser user -> user.member();
        };
    var message =
        new NewMessage(
            chat,
            new ExternalId(ids.next()),
            sender,
            text,
            key,
            !(caller instanceof Caller.CareTeamUser));
    return quotas.within(
        chat.instance(),
        text,
        () -> result(log.append(message)),
        () -> log.findEarlier(message).map(PatientChats::result));
  }

  private static SendResult result(MessageLog.Appended appended) {
    return switch (appended) {
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
   * Returns a page of a chat. The page is empty if the chat is empty or does not exist.
   *
   * @throws AccessDenied if the caller may not read the chat
   */
  public Page<PagedMessage, Instant> find(
      Caller caller, ChatId chat, PageRequest<Instant> request) {
    caller.require(Scope.READ_MESSAGES, chat);
    PageSize size = request.size();
    Window<Instant> window = request.window();
    Slice<Message> slice = log.read(chat, window, size.value());
    return Page.of(slice, window, size, Message::createdAt, PrintableTimes.NEIGHBOURS)
        .map(message -> new PagedMessage(message, size, List.of()));
  }

  /**
   * Returns one message of a chat, with the tokens of the pages before and after it. The result is
   * empty if the chat has no such message.
   *
   * @throws AccessDenied if the caller may not read the chat
   */
  public Optional<PagedMessage> get(Caller caller, ChatId chat, ExternalId id) {
    caller.require(Scope.READ_MESSAGES, chat);
    return log.find(chat, id)
        .map(message -> new PagedMessage(message, PageSize.DEFAULT, List.of()));
  }
}
