package io.carechat.rest.inbox;

import io.carechat.api.Chat;
import io.carechat.api.ChatPage;
import io.carechat.api.ChatsService;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.inbox.ChatDetails;
import io.carechat.domain.inbox.ChatSummary;
import io.carechat.domain.inbox.Inbox;
import io.carechat.domain.inbox.InboxPage;
import io.carechat.domain.inbox.InboxRequest;
import io.carechat.domain.inbox.InboxToken;
import io.carechat.domain.inbox.ReadMarker;
import io.carechat.domain.inbox.Unread;
import io.carechat.rest.http.Bulkhead;
import io.carechat.rest.http.RequestContext;
import io.carechat.rest.mapping.ApiMapper;
import io.carechat.rest.messages.MessageMapper;
import java.util.List;

/** The contract's operations on chats. Safe for use by many threads. */
public final class ChatOperations implements ChatsService<RequestContext> {
  private final Inbox inbox;
  private final Bulkhead bulkhead;

  /**
   * @param inbox lists chats and marks messages as read
   * @param bulkhead limits concurrent requests
   */
  public ChatOperations(Inbox inbox, Bulkhead bulkhead) {
    this.inbox = inbox;
    this.bulkhead = bulkhead;
  }

  @Override
  public ListChatsResponse listChats(RequestContext context, ListChatsRequest request) {
    TenantInstance instance = ApiMapper.instance(request.tenantName(), request.instanceName());
    var page =
        new InboxRequest(
            ApiMapper.clientType(request.unreadBy()),
            request.pageToken() == null ? null : ChatTokens.read(request.pageToken()),
            ApiMapper.pageSize(request.pageSize()));
    return new ListChatsResponse.Ok(
        page(bulkhead.run(context.caller(), () -> inbox.list(context.caller(), instance, page))));
  }

  @Override
  public GetChatResponse getChat(RequestContext context, GetChatRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    return new GetChatResponse.Ok(
        bulkhead
            .run(context.caller(), () -> inbox.get(context.caller(), chat))
            .map(ChatOperations::chat)
            .orElseGet(() -> withoutMessages(chat)));
  }

  @Override
  public MarkReadResponse markRead(RequestContext context, MarkReadRequest request) {
    ChatId chat = ApiMapper.chat(request.tenantName(), request.instanceName(), request.patientId());
    ExternalId upTo = ApiMapper.externalId(request.body().externalId());
    ClientType side = ApiMapper.clientType(request.body().clientType());
    return bulkhead
        .run(context.caller(), () -> inbox.markRead(context.caller(), chat, upTo, side))
        .<MarkReadResponse>map(marker -> new MarkReadResponse.Ok(marker(marker)))
        .orElseGet(() -> new MarkReadResponse.NotFound(context.noSuchMessage()));
  }

  // --- to the contract ---

  private static ChatPage page(InboxPage page) {
    List<ChatSummary> chats = page.chats().newestFirst();
    InboxToken older = page.older();
    return new ChatPage(
        ApiMapper.meta(
            chats, older == null ? null : ChatTokens.write(older), ChatTokens.write(page.newer())),
        chats.stream().map(ChatOperations::summary).toList());
  }

  private static io.carechat.api.ChatSummary summary(ChatSummary chat) {
    return new io.carechat.api.ChatSummary(
        chat.chat().patient().value(),
        MessageMapper.message(chat.lastMessage()),
        unread(chat.unread()),
        markers(chat.readMarkers()));
  }

  private static Chat chat(ChatDetails details) {
    ChatSummary summary = details.summary();
    return new Chat(
        summary.chat().patient().value(),
        MessageMapper.message(summary.lastMessage()),
        details.messageCount(),
        unread(summary.unread()),
        markers(summary.readMarkers()));
  }

  private static Chat withoutMessages(ChatId chat) {
    return new Chat(chat.patient().value(), null, 0, unread(new Unread(0, 0)), List.of());
  }

  private static io.carechat.api.Unread unread(Unread unread) {
    return new io.carechat.api.Unread(unread.patient(), unread.careTeam());
  }

  private static List<io.carechat.api.ReadMarker> markers(List<ReadMarker> markers) {
    return markers.stream().map(ChatOperations::marker).toList();
  }

  private static io.carechat.api.ReadMarker marker(ReadMarker marker) {
    return new io.carechat.api.ReadMarker(
        ApiMapper.clientType(marker.side()),
        marker.externalId().toString(),
        marker.createdAt(),
        marker.readAt());
  }
}
