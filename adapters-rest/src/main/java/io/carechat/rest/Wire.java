package io.carechat.rest;

import io.carechat.api.Chat;
import io.carechat.api.Event;
import io.carechat.api.EventRead;
import io.carechat.api.EventWebhook;
import io.carechat.api.InstanceMessageItem;
import io.carechat.api.InstanceMessagePage;
import io.carechat.api.Message;
import io.carechat.api.MessageItem;
import io.carechat.api.MessageItemMeta;
import io.carechat.api.MessagePage;
import io.carechat.api.PageMeta;
import io.carechat.api.Problem;
import io.carechat.api.Sender;
import io.carechat.api.WebhookDisabledReason;
import io.carechat.api.runtime.Fault;
import io.carechat.domain.ChatDetails;
import io.carechat.domain.ChatEvent;
import io.carechat.domain.ChatId;
import io.carechat.domain.ChatSummary;
import io.carechat.domain.ClientType;
import io.carechat.domain.ExternalId;
import io.carechat.domain.InstanceEvent;
import io.carechat.domain.LoggedEvent;
import io.carechat.domain.PageSize;
import io.carechat.domain.PagedMessage;
import io.carechat.domain.PatientId;
import io.carechat.domain.ReadMarker;
import io.carechat.domain.TenantInstance;
import io.carechat.domain.Unread;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The domain's values as the contract writes them, and the reverse. */
final class Wire {
  private static final String NOT_COVERED = "The credential does not cover this.";

  private Wire() {}

  // --- from the wire ---

  static ChatId chat(String tenantName, String instanceName, UUID patientId) {
    return new ChatId(new TenantInstance(tenantName, instanceName), new PatientId(patientId));
  }

  static ExternalId externalId(String asked) {
    return ExternalId.parse(asked)
        .orElseThrow(() -> new IllegalStateException("the contract lets more ids pass"));
  }

  static @Nullable PageSize pageSize(@Nullable Integer asked) {
    return asked == null ? null : new PageSize(asked);
  }

  static @Nullable ClientType clientType(io.carechat.api.@Nullable ClientType asked) {
    return switch (asked) {
      case PATIENT -> ClientType.PATIENT;
      case CARE_TEAM -> ClientType.CARE_TEAM;
      case null -> null;
    };
  }

  // --- to the wire ---

  static MessagePage wire(io.carechat.domain.MessagePage page, boolean highlighted) {
    List<MessageItem> content =
        page.newestFirst().stream().map(message -> wire(message, highlighted)).toList();
    return new MessagePage(meta(page), content);
  }

  /** A page of messages of several chats. */
  static InstanceMessagePage wireOfInstance(
      io.carechat.domain.MessagePage page, boolean highlighted) {
    return new InstanceMessagePage(
        meta(page),
        page.newestFirst().stream()
            .map(message ->
                new InstanceMessageItem(
                    meta(message, highlighted),
                    wire(message.message()),
                    message.message().chat().patient().value()))
            .toList());
  }

  private static PageMeta meta(io.carechat.domain.MessagePage page) {
    return new PageMeta(
        page.older() == null ? null : PageTokens.write(page.older()),
        PageTokens.write(page.newer()),
        page.newestFirst().size(),
        !page.newestFirst().isEmpty());
  }

  static MessageItem wire(PagedMessage message, boolean highlighted) {
    return new MessageItem(meta(message, highlighted), wire(message.message()));
  }

  private static MessageItemMeta meta(PagedMessage message, boolean highlighted) {
    return new MessageItemMeta(
        PageTokens.write(message.older()),
        PageTokens.write(message.newer()),
        highlighted ? message.highlights() : null);
  }

  static Message wire(io.carechat.domain.Message message) {
    io.carechat.domain.Sender sender = message.sender();
    return new Message(
        new Sender(wire(sender.clientType()), sender.id(), sender.titleName()),
        message.text().value(),
        message.externalId().toString(),
        message.createdAt());
  }

  static Event event(LoggedEvent logged) {
    String id = EventIds.write(logged.position());
    return switch (logged.event()) {
      case ChatEvent.MessageSent sent ->
          new Event(
              id,
              "message.sent",
              sent.at(),
              sent.chat().patient().value(),
              wire(sent.message()),
              null,
              null);
      case ChatEvent.ChatRead read ->
          new Event(
              id,
              "chat.read",
              read.at(),
              read.chat().patient().value(),
              null,
              new EventRead(
                  wire(read.side()),
                  read.message().externalId().toString(),
                  read.message().createdAt()),
              null);
      case InstanceEvent.EndpointDisabled disabled ->
          new Event(
              id,
              "webhook.disabled",
              disabled.at(),
              null,
              null,
              null,
              new EventWebhook(disabled.endpointId(), reason(disabled.reason())));
    };
  }

  private static WebhookDisabledReason reason(InstanceEvent.Reason reason) {
    return switch (reason) {
      case GONE -> WebhookDisabledReason.GONE;
      case FAILING -> WebhookDisabledReason.FAILING;
    };
  }

  static io.carechat.api.ClientType wire(ClientType side) {
    return switch (side) {
      case PATIENT -> io.carechat.api.ClientType.PATIENT;
      case CARE_TEAM -> io.carechat.api.ClientType.CARE_TEAM;
    };
  }

  static io.carechat.api.ChatPage wire(io.carechat.domain.ChatPage page) {
    List<io.carechat.api.ChatSummary> content =
        page.newestFirst().stream()
            .map(chat ->
                new io.carechat.api.ChatSummary(
                    chat.chat().patient().value(),
                    wire(chat.lastMessage()),
                    wire(chat.unread()),
                    wire(chat.readMarkers())))
            .toList();
    return new io.carechat.api.ChatPage(
        new PageMeta(
            page.older() == null ? null : PageTokens.write(page.older()),
            PageTokens.write(page.newer()),
            content.size(),
            !content.isEmpty()),
        content);
  }

  static Chat wire(ChatDetails details) {
    ChatSummary summary = details.summary();
    return new Chat(
        summary.chat().patient().value(),
        wire(summary.lastMessage()),
        details.messageCount(),
        wire(summary.unread()),
        wire(summary.readMarkers()));
  }

  static Chat chatWithoutMessages(ChatId chat) {
    return new Chat(chat.patient().value(), null, 0, wire(new Unread(0, 0)), List.of());
  }

  private static io.carechat.api.Unread wire(Unread unread) {
    return new io.carechat.api.Unread(unread.patient(), unread.careTeam());
  }

  private static List<io.carechat.api.ReadMarker> wire(List<ReadMarker> markers) {
    return markers.stream().map(Wire::wire).toList();
  }

  static io.carechat.api.ReadMarker wire(ReadMarker marker) {
    return new io.carechat.api.ReadMarker(
        wire(marker.side()), marker.externalId().toString(), marker.createdAt(), marker.readAt());
  }

  // --- problems ---

  static Problem invalid(Visit visit, Fault fault) {
    return Problems.of(
        ProblemKind.INVALID_REQUEST,
        "1 fault, listed in errors.",
        List.of(fault),
        visit.requestId());
  }

  static Problem invalidToken(Visit visit, Fault fault) {
    return Problems.of(
        ProblemKind.INVALID_PAGE_TOKEN,
        "The token " + fault.detail() + ".",
        List.of(fault),
        visit.requestId());
  }

  static Problem forbidden(Visit visit) {
    return Problems.of(ProblemKind.FORBIDDEN, NOT_COVERED, visit.requestId());
  }

  static Problem noSuchMessage(Visit visit) {
    return Problems.of(
        ProblemKind.NOT_FOUND, "The chat has no message with this externalId.", visit.requestId());
  }
}
