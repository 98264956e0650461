package io.carechat.rest.messages;

import io.carechat.api.CareTeamSender;
import io.carechat.api.MessagePage;
import io.carechat.api.MessageSearch;
import io.carechat.api.MessagesService;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.VisibleText;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.PatientChats;
import io.carechat.domain.messages.SendResult;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.search.ChatSearch;
import io.carechat.domain.search.SearchPage;
import io.carechat.domain.search.SearchRequest;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.http.RequestRejected.TooManyRequests;
import io.carechat.rest.mapping.ApiMapper;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The contract's operations on messages. Safe for use by many threads. */
public final class MessageOperations implements MessagesService<RequestContext> {
  private final PatientChats chats;
  private final ChatSearch search;
  private final Bulkhead bulkhead;
  private final Bulkhead searches;

  /**
   * @param chats sends and finds messages
   * @param search searches
   * @param bulkhead limits concurrent requests
   * @param searches limits concurrent searches
   */
  public MessageOperations(
      PatientChats chats, ChatSearch search, Bulkhead bulkhead, Bulkhead searches) {
    this.chats = chats;
    this.search = search;
    this.bulkhead = bulkhead;
    this.searches = searches;
  }

  @Override
  public SendMessageResponse sendMessage(RequestContext context, SendMessageRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    String key = request.idempotencyKey();
    MessageText.faultIn(request.body().message())
        .ifPresent(fault -> {
          throw new InvalidRequest("message", fault.rule());
        });
    SendResult result =
        bulkhead.run(
            context.caller(),
            () ->
                chats.send(
                    context.caller(),
                    chat,
                    new MessageText(request.body().message()),
                    careTeamMember(request.body().sender()),
                    key == null ? null : new IdempotencyKey(key)));
    return switch (result) {
      case SendResult.Sent(Message message) -> created(message, null);
      case SendResult.Replayed(Message message) -> created(message, true);
      case SendResult.KeyReused() ->
          new SendMessageResponse.UnprocessableContent(
              context.problem(
                  ProblemKind.IDEMPOTENCY_KEY_REUSED,
                  "This Idempotency-Key was already used for a message with another body."));
      case SendResult.OverQuota over -> throw overQuota(over);
    };
  }

  private static TooManyRequests overQuota(SendResult.OverQuota over) {
    String detail =
        switch (over) {
          case SendResult.OverQuota.OfMessages(long max, Duration _) ->
              "The instance has sent "
                  + max
                  + " messages today, which is its quota. The next day begins at 00:00 UTC.";
          case SendResult.OverQuota.OfBytes(long max, Duration _) ->
              "The texts of the instance's messages would have more than "
                  + max
                  + " bytes, which is its quota. Ask the operator of this installation for more.";
        };
    return new TooManyRequests(detail, over.retryAfter().toSeconds());
  }

  private static SendMessageResponse created(Message message, @Nullable Boolean replayed) {
    ChatId chat = message.chat();
    String location =
        "/api/v1/"
            + chat.instance()
            + "/patients/"
            + chat.patient()
            + "/messages/"
            + message.externalId();
    return new SendMessageResponse.Created(MessageMapper.message(message), location, replayed);
  }

  private static Sender.@Nullable CareTeamMember careTeamMember(@Nullable CareTeamSender sender) {
    if (sender == null) {
      return null;
    }
    String titleName = sender.titleName();
    if (titleName != null && VisibleText.isBlank(titleName)) {
      throw new InvalidRequest("sender/titleName", MessageText.Fault.BLANK.rule());
    }
    return new Sender.CareTeamMember(sender.id(), titleName);
  }

  @Override
  public FindMessagesResponse findMessages(RequestContext context, FindMessagesRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    PageRequest<Instant> page =
        ApiMapper.page(request.pageToken(), request.pageSize(), FindTokens::read);
    return new FindMessagesResponse.Ok(
        MessageMapper.page(
            bulkhead.run(context.caller(), () -> chats.find(context.caller(), chat, page))));
  }

  @Override
  public GetMessageResponse getMessage(RequestContext context, GetMessageRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    ExternalId id = ApiMapper.externalId(request.externalId());
    return bulkhead
        .run(context.caller(), () -> chats.get(context.caller(), chat, id))
        .<GetMessageResponse>map(
            message -> new GetMessageResponse.Ok(MessageMapper.item(message, false)))
        .orElseGet(() -> new GetMessageResponse.NotFound(context.noSuchMessage()));
  }

  @Override
  public SearchMessagesResponse searchMessages(
      RequestContext context, SearchMessagesRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    var body =
        new MessageSearch(
            request.query(),
            request.pageSize(),
            request.pageToken(),
            request.from(),
            request.to(),
            request.clientType(),
            request.highlight());
    return new SearchMessagesResponse.Ok(search(context, chat, body));
  }

  @Override
  public SearchMessagesByBodyResponse searchMessagesByBody(
      RequestContext context, SearchMessagesByBodyRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    return new SearchMessagesByBodyResponse.Ok(search(context, chat, request.body()));
  }

  private MessagePage search(RequestContext context, ChatId chat, MessageSearch body) {
    SearchRequest<Instant> searchRequest = SearchRequests.read(body, SearchTokens::readInChat);
    // Whoever may not search takes nothing of anybody's share.
    context.caller().require(Scope.READ_MESSAGES, chat);
    SearchPage<Instant> page =
        searches.run(
            context.caller(),
            () ->
                bulkhead.run(
                    context.caller(), () -> search.search(context.caller(), chat, searchRequest)));
    return MessageMapper.hits(page, searchRequest.highlight());
  }
}
