package io.carechat.rest;

import io.carechat.api.CareTeamSender;
import io.carechat.api.MessagePage;
import io.carechat.api.MessageSearch;
import io.carechat.api.MessagesService;
import io.carechat.api.runtime.Fault;
import io.carechat.domain.ChatId;
import io.carechat.domain.ChatSearch;
import io.carechat.domain.ExternalId;
import io.carechat.domain.FindResult;
import io.carechat.domain.Forbidden;
import io.carechat.domain.GetResult;
import io.carechat.domain.IdempotencyKey;
import io.carechat.domain.MessageText;
import io.carechat.domain.PageToken;
import io.carechat.domain.PatientChats;
import io.carechat.domain.SendResult;
import org.jspecify.annotations.Nullable;

/** The contract's operations with messages, on the domain. */
final class MessageOperations implements MessagesService<Visit> {
  private final PatientChats chats;
  private final ChatSearch search;
  private final Room room;

  MessageOperations(PatientChats chats, ChatSearch search, Room room) {
    this.chats = chats;
    this.search = search;
    this.room = room;
  }

  // --- sendMessage ---

  @Override
  public SendMessageResponse sendMessage(Visit visit, SendMessageRequest request) {
    ChatId chat = Wire.chat(request.tenantName(), request.instanceName(), request.patientId());
    MessageText.Fault fault = MessageText.faultIn(request.body().message()).orElse(null);
    if (fault != null) {
      return new SendMessageResponse.BadRequest(
          Wire.invalid(visit, Fault.ofBody("/message", fault.rule())));
    }
    SendResult result =
        room.with(() ->
            chats.send(
                visit.caller(),
                chat,
                new MessageText(request.body().message()),
                careTeamMember(request.body().sender()),
                request.idempotencyKey() == null
                    ? null
                    : new IdempotencyKey(request.idempotencyKey())));
    return switch (result) {
      case SendResult.Sent(var message) -> created(message, null);
      case SendResult.Replayed(var message) -> created(message, true);
      case SendResult.KeyReused() ->
          new SendMessageResponse.UnprocessableContent(
              Problems.of(
                  ProblemKind.IDEMPOTENCY_KEY_REUSED,
                  "This Idempotency-Key belongs to a message with another body.",
                  visit.requestId()));
      case Forbidden forbidden -> new SendMessageResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  private static SendMessageResponse created(
      io.carechat.domain.Message message, @Nullable Boolean replayed) {
    ChatId chat = message.chat();
    String location =
        "/api/v1/"
            + chat.place().tenantName()
            + "/"
            + chat.place().instanceName()
            + "/patients/"
            + chat.patient()
            + "/messages/"
            + message.externalId();
    return new SendMessageResponse.Created(Wire.wire(message), location, replayed);
  }

  private static io.carechat.domain.Sender.@Nullable CareTeamMember careTeamMember(
      @Nullable CareTeamSender sender) {
    return sender == null
        ? null
        : new io.carechat.domain.Sender.CareTeamMember(sender.id(), sender.titleName());
  }

  // --- findMessages ---

  @Override
  public FindMessagesResponse findMessages(Visit visit, FindMessagesRequest request) {
    ChatId chat = Wire.chat(request.tenantName(), request.instanceName(), request.patientId());
    PageToken.Find token;
    try {
      token = request.pageToken() == null ? null : PageTokens.readFind(request.pageToken());
    } catch (PageTokens.Fault e) {
      return new FindMessagesResponse.BadRequest(
          Wire.invalidToken(visit, Fault.ofParameter("pageToken", e.rule())));
    }
    FindResult result =
        room.with(() -> chats.find(visit.caller(), chat, token, Wire.pageSize(request.pageSize())));
    return switch (result) {
      case FindResult.Found(var page) -> new FindMessagesResponse.Ok(Wire.wire(page, false));
      case Forbidden forbidden -> new FindMessagesResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  // --- getMessage ---

  @Override
  public GetMessageResponse getMessage(Visit visit, GetMessageRequest request) {
    ChatId chat = Wire.chat(request.tenantName(), request.instanceName(), request.patientId());
    ExternalId id = Wire.externalId(request.externalId());
    return switch (room.with(() -> chats.get(visit.caller(), chat, id))) {
      case GetResult.Got(var message) -> new GetMessageResponse.Ok(Wire.wire(message, false));
      case GetResult.NoSuchMessage() -> new GetMessageResponse.NotFound(Wire.noSuchMessage(visit));
      case Forbidden forbidden -> new GetMessageResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  // --- searchMessages and searchMessagesByBody ---

  @Override
  public SearchMessagesResponse searchMessages(Visit visit, SearchMessagesRequest request) {
    ChatId chat = Wire.chat(request.tenantName(), request.instanceName(), request.patientId());
    var asked =
        new MessageSearch(
            request.query(),
            request.pageSize(),
            request.pageToken(),
            request.from(),
            request.to(),
            request.clientType(),
            request.highlight());
    return switch (search(visit, chat, asked)) {
      case Searched.Page<MessagePage>(var page) -> new SearchMessagesResponse.Ok(page);
      case Searched.Invalid<MessagePage>(var member, var rule) ->
          new SearchMessagesResponse.BadRequest(
              Wire.invalid(visit, Fault.ofParameter(member, rule)));
      case Searched.InvalidToken<MessagePage>(var rule) ->
          new SearchMessagesResponse.BadRequest(
              Wire.invalidToken(visit, Fault.ofParameter("pageToken", rule)));
      case Searched.NotCovered<MessagePage>() ->
          new SearchMessagesResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  @Override
  public SearchMessagesByBodyResponse searchMessagesByBody(
      Visit visit, SearchMessagesByBodyRequest request) {
    ChatId chat = Wire.chat(request.tenantName(), request.instanceName(), request.patientId());
    return switch (search(visit, chat, request.body())) {
      case Searched.Page<MessagePage>(var page) -> new SearchMessagesByBodyResponse.Ok(page);
      case Searched.Invalid<MessagePage>(var member, var rule) ->
          new SearchMessagesByBodyResponse.BadRequest(
              Wire.invalid(visit, Fault.ofBody("/" + member, rule)));
      case Searched.InvalidToken<MessagePage>(var rule) ->
          new SearchMessagesByBodyResponse.BadRequest(
              Wire.invalidToken(visit, Fault.ofBody("/pageToken", rule)));
      case Searched.NotCovered<MessagePage>() ->
          new SearchMessagesByBodyResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  private Searched<MessagePage> search(Visit visit, ChatId chat, MessageSearch asked) {
    return Searched.of(
        asked,
        PageTokens::readSearch,
        (query, token, size, filter, highlight) ->
            room.with(() ->
                search.search(
                    visit.caller(),
                    chat,
                    new ChatSearch.Request(query, token, size, filter, highlight))),
        Wire::wire);
  }
}
