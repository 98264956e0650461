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
import io.carechat.domain.SearchFilter;
import io.carechat.domain.SearchQuery;
import io.carechat.domain.SearchResult;
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
      case Searched.Page(var page) -> new SearchMessagesResponse.Ok(page);
      case Searched.Invalid(var member, var rule) ->
          new SearchMessagesResponse.BadRequest(
              Wire.invalid(visit, Fault.ofParameter(member, rule)));
      case Searched.InvalidToken(var rule) ->
          new SearchMessagesResponse.BadRequest(
              Wire.invalidToken(visit, Fault.ofParameter("pageToken", rule)));
      case Searched.NotCovered() -> new SearchMessagesResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  @Override
  public SearchMessagesByBodyResponse searchMessagesByBody(
      Visit visit, SearchMessagesByBodyRequest request) {
    ChatId chat = Wire.chat(request.tenantName(), request.instanceName(), request.patientId());
    return switch (search(visit, chat, request.body())) {
      case Searched.Page(var page) -> new SearchMessagesByBodyResponse.Ok(page);
      case Searched.Invalid(var member, var rule) ->
          new SearchMessagesByBodyResponse.BadRequest(
              Wire.invalid(visit, Fault.ofBody("/" + member, rule)));
      case Searched.InvalidToken(var rule) ->
          new SearchMessagesByBodyResponse.BadRequest(
              Wire.invalidToken(visit, Fault.ofBody("/pageToken", rule)));
      case Searched.NotCovered() ->
          new SearchMessagesByBodyResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  /** What came of a search, for both ways of asking. */
  private sealed interface Searched {
    record Page(MessagePage page) implements Searched {}

    record Invalid(String member, String rule) implements Searched {}

    record InvalidToken(String rule) implements Searched {}

    record NotCovered() implements Searched {}
  }

  private Searched search(Visit visit, ChatId chat, MessageSearch asked) {
    String text = asked.query();
    if (text != null) {
      String rule = SearchQuery.faultIn(text).orElse(null);
      if (rule != null) {
        return new Searched.Invalid("query", rule);
      }
    }
    PageToken.Search token;
    try {
      token = asked.pageToken() == null ? null : PageTokens.readSearch(asked.pageToken());
    } catch (PageTokens.Fault e) {
      return new Searched.InvalidToken(e.rule());
    }
    boolean highlight = Boolean.TRUE.equals(asked.highlight());
    var request =
        new ChatSearch.Request(
            text == null ? null : SearchQuery.parse(text),
            token,
            Wire.pageSize(asked.pageSize()),
            new SearchFilter(asked.from(), asked.to(), Wire.clientType(asked.clientType())),
            highlight);
    return switch (room.with(() -> search.search(visit.caller(), chat, request))) {
      case SearchResult.Found(var page) -> new Searched.Page(Wire.wire(page, highlight));
      case SearchResult.QueryMissing() ->
          new Searched.Invalid("query", "is required without pageToken");
      case SearchResult.QueryNotOfToken() ->
          new Searched.Invalid("query", "must be the query of the pageToken, or be left out");
      case Forbidden forbidden -> new Searched.NotCovered();
    };
  }
}
