package io.carechat.rest;

import io.carechat.api.ChatsService;
import io.carechat.api.runtime.Fault;
import io.carechat.domain.ChatId;
import io.carechat.domain.ExternalId;
import io.carechat.domain.Forbidden;
import io.carechat.domain.GetChatResult;
import io.carechat.domain.Inbox;
import io.carechat.domain.ListChatsResult;
import io.carechat.domain.MarkReadResult;
import io.carechat.domain.PageToken;
import io.carechat.domain.TenantInstance;

/** The contract's operations with chats, on the domain. */
final class ChatOperations implements ChatsService<Visit> {
  private final Inbox inbox;
  private final Room room;

  ChatOperations(Inbox inbox, Room room) {
    this.inbox = inbox;
    this.room = room;
  }

  @Override
  public ListChatsResponse listChats(Visit visit, ListChatsRequest request) {
    var place = new TenantInstance(request.tenantName(), request.instanceName());
    PageToken.Chats token;
    try {
      token = request.pageToken() == null ? null : PageTokens.readChats(request.pageToken());
    } catch (PageTokens.Fault e) {
      return new ListChatsResponse.BadRequest(
          Wire.invalidToken(visit, Fault.ofParameter("pageToken", e.rule())));
    }
    ListChatsResult result =
        room.with(
            () -> inbox.list(visit.caller(), place, token, Wire.pageSize(request.pageSize())));
    return switch (result) {
      case ListChatsResult.Listed(var page) -> new ListChatsResponse.Ok(Wire.wire(page));
      case Forbidden forbidden -> new ListChatsResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  @Override
  public GetChatResponse getChat(Visit visit, GetChatRequest request) {
    ChatId chat = Wire.chat(request.tenantName(), request.instanceName(), request.patientId());
    return switch (room.with(() -> inbox.get(visit.caller(), chat))) {
      case GetChatResult.Got(var details) -> new GetChatResponse.Ok(Wire.wire(details));
      case GetChatResult.NoMessages() -> new GetChatResponse.Ok(Wire.chatWithoutMessages(chat));
      case Forbidden forbidden -> new GetChatResponse.Forbidden(Wire.forbidden(visit));
    };
  }

  @Override
  public MarkReadResponse markRead(Visit visit, MarkReadRequest request) {
    ChatId chat = Wire.chat(request.tenantName(), request.instanceName(), request.patientId());
    ExternalId upTo = Wire.externalId(request.body().externalId());
    MarkReadResult result =
        room.with(() ->
            inbox.markRead(
                visit.caller(), chat, upTo, Wire.clientType(request.body().clientType())));
    return switch (result) {
      case MarkReadResult.Marked(var marker) -> new MarkReadResponse.Ok(Wire.wire(marker));
      case MarkReadResult.NoSuchMessage() ->
          new MarkReadResponse.NotFound(Wire.noSuchMessage(visit));
      case Forbidden forbidden -> new MarkReadResponse.Forbidden(Wire.forbidden(visit));
    };
  }
}
