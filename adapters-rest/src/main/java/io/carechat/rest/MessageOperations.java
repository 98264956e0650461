package io.carechat.rest;

import io.carechat.api.CareTeamSender;
import io.carechat.api.Message;
import io.carechat.api.MessageItem;
import io.carechat.api.MessageItemMeta;
import io.carechat.api.MessagePage;
import io.carechat.api.MessageSearch;
import io.carechat.api.MessagesService;
import io.carechat.api.PageMeta;
import io.carechat.api.Problem;
import io.carechat.api.Sender;
import io.carechat.api.runtime.Fault;
import io.carechat.domain.ChatId;
import io.carechat.domain.ChatSearch;
import io.carechat.domain.ClientType;
import io.carechat.domain.ExternalId;
import io.carechat.domain.FindResult;
import io.carechat.domain.Forbidden;
import io.carechat.domain.GetResult;
import io.carechat.domain.IdempotencyKey;
import io.carechat.domain.MessageText;
import io.carechat.domain.PageSize;
import io.carechat.domain.PageToken;
import io.carechat.domain.PagedMessage;
import io.carechat.domain.PatientChats;
import io.carechat.domain.PatientId;
import io.carechat.domain.SearchFilter;
import io.carechat.domain.SearchQuery;
import io.carechat.domain.SearchResult;
import io.carechat.domain.SendResult;
import io.carechat.domain.TenantInstance;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The contract's operations with messages, on the domain. */
final class MessageOperations implements MessagesService<Visit> {
  private static final String NOT_COVERED = "The credential does not cover this.";

  private final PatientChats chats;
  private final ChatSearch search;
  private final Capacity capacity;

  MessageOperations(PatientChats chats, ChatSearch search, Capacity capacity) {
    this.chats = chats;
    this.search = search;
    this.capacity = capacity;
  }

  // --- sendMessage ---

  @Override
  public SendMessageResponse sendMessage(Visit visit, SendMessageRequest request) {
    ChatId chat = chat(request.tenantName(), request.instanceName(), request.patientId());
    MessageText.Fault fault = MessageText.faultIn(request.body().message()).orElse(null);
    if (fault != null) {
      return new SendMessageResponse.BadRequest(
          invalid(visit, Fault.ofBody("/message", fault.rule())));
    }
    SendResult result =
        capacity.bounded(() ->
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
      case Forbidden forbidden -> new SendMessageResponse.Forbidden(forbidden(visit));
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
    return new SendMessageResponse.Created(wire(message), location, replayed);
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
    ChatId chat = chat(request.tenantName(), request.instanceName(), request.patientId());
    PageToken.Find token;
    try {
      token = request.pageToken() == null ? null : PageTokens.readFind(request.pageToken());
    } catch (PageTokens.Fault e) {
      return new FindMessagesResponse.BadRequest(
          invalidToken(visit, Fault.ofParameter("pageToken", e.rule())));
    }
    FindResult result =
        capacity.bounded(
            () -> chats.find(visit.caller(), chat, token, pageSize(request.pageSize())));
    return switch (result) {
      case FindResult.Found(var page) -> new FindMessagesResponse.Ok(wire(page, false));
      case Forbidden forbidden -> new FindMessagesResponse.Forbidden(forbidden(visit));
    };
  }

  // --- getMessage ---

  @Override
  public GetMessageResponse getMessage(Visit visit, GetMessageRequest request) {
    ChatId chat = chat(request.tenantName(), request.instanceName(), request.patientId());
    ExternalId id =
        ExternalId.parse(request.externalId())
            .orElseThrow(() -> new IllegalStateException("the contract lets more ids pass"));
    return switch (capacity.bounded(() -> chats.get(visit.caller(), chat, id))) {
      case GetResult.Got(var message) -> new GetMessageResponse.Ok(wire(message, false));
      case GetResult.NoSuchMessage() ->
          new GetMessageResponse.NotFound(
              Problems.of(
                  ProblemKind.NOT_FOUND,
                  "The chat has no message with this externalId.",
                  visit.requestId()));
      case Forbidden forbidden -> new GetMessageResponse.Forbidden(forbidden(visit));
    };
  }

  // --- searchMessages and searchMessagesByBody ---

  @Override
  public SearchMessagesResponse searchMessages(Visit visit, SearchMessagesRequest request) {
    ChatId chat = chat(request.tenantName(), request.instanceName(), request.patientId());
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
          new SearchMessagesResponse.BadRequest(invalid(visit, Fault.ofParameter(member, rule)));
      case Searched.InvalidToken(var rule) ->
          new SearchMessagesResponse.BadRequest(
              invalidToken(visit, Fault.ofParameter("pageToken", rule)));
      case Searched.NotCovered() -> new SearchMessagesResponse.Forbidden(forbidden(visit));
    };
  }

  @Override
  public SearchMessagesByBodyResponse searchMessagesByBody(
      Visit visit, SearchMessagesByBodyRequest request) {
    ChatId chat = chat(request.tenantName(), request.instanceName(), request.patientId());
    return switch (search(visit, chat, request.body())) {
      case Searched.Page(var page) -> new SearchMessagesByBodyResponse.Ok(page);
      case Searched.Invalid(var member, var rule) ->
          new SearchMessagesByBodyResponse.BadRequest(
              invalid(visit, Fault.ofBody("/" + member, rule)));
      case Searched.InvalidToken(var rule) ->
          new SearchMessagesByBodyResponse.BadRequest(
              invalidToken(visit, Fault.ofBody("/pageToken", rule)));
      case Searched.NotCovered() -> new SearchMessagesByBodyResponse.Forbidden(forbidden(visit));
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
            pageSize(asked.pageSize()),
            new SearchFilter(asked.from(), asked.to(), clientType(asked.clientType())),
            highlight);
    return switch (capacity.bounded(() -> search.search(visit.caller(), chat, request))) {
      case SearchResult.Found(var page) -> new Searched.Page(wire(page, highlight));
      case SearchResult.QueryMissing() ->
          new Searched.Invalid("query", "is required without pageToken");
      case SearchResult.QueryNotOfToken() ->
          new Searched.Invalid("query", "must be the query of the pageToken, or be left out");
      case Forbidden forbidden -> new Searched.NotCovered();
    };
  }

  // --- from the wire ---

  private static ChatId chat(String tenantName, String instanceName, UUID patientId) {
    return new ChatId(new TenantInstance(tenantName, instanceName), new PatientId(patientId));
  }

  private static @Nullable PageSize pageSize(@Nullable Integer asked) {
    return asked == null ? null : new PageSize(asked);
  }

  private static @Nullable ClientType clientType(io.carechat.api.@Nullable ClientType asked) {
    return switch (asked) {
      case PATIENT -> ClientType.PATIENT;
      case CARE_TEAM -> ClientType.CARE_TEAM;
      case null -> null;
    };
  }

  // --- to the wire ---

  private static MessagePage wire(io.carechat.domain.MessagePage page, boolean highlighted) {
    List<MessageItem> content =
        page.newestFirst().stream().map(message -> wire(message, highlighted)).toList();
    return new MessagePage(
        new PageMeta(
            page.older() == null ? null : PageTokens.write(page.older()),
            PageTokens.write(page.newer()),
            content.size(),
            !content.isEmpty()),
        content);
  }

  private static MessageItem wire(PagedMessage message, boolean highlighted) {
    return new MessageItem(
        new MessageItemMeta(
            PageTokens.write(message.older()),
            PageTokens.write(message.newer()),
            highlighted ? message.highlights() : null),
        wire(message.message()));
  }

  private static Message wire(io.carechat.domain.Message message) {
    io.carechat.domain.Sender sender = message.sender();
    io.carechat.api.ClientType clientType =
        switch (sender.clientType()) {
          case PATIENT -> io.carechat.api.ClientType.PATIENT;
          case CARE_TEAM -> io.carechat.api.ClientType.CARE_TEAM;
        };
    return new Message(
        new Sender(clientType, sender.id(), sender.titleName()),
        message.text().value(),
        message.externalId().toString(),
        message.createdAt());
  }

  // --- problems ---

  private static Problem invalid(Visit visit, Fault fault) {
    return Problems.of(
        ProblemKind.INVALID_REQUEST,
        "1 fault, listed in errors.",
        List.of(fault),
        visit.requestId());
  }

  private static Problem invalidToken(Visit visit, Fault fault) {
    return Problems.of(
        ProblemKind.INVALID_PAGE_TOKEN,
        "The token " + fault.detail() + ".",
        List.of(fault),
        visit.requestId());
  }

  private static Problem forbidden(Visit visit) {
    return Problems.of(ProblemKind.FORBIDDEN, NOT_COVERED, visit.requestId());
  }
}
