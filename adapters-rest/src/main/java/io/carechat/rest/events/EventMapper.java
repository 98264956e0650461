package io.carechat.rest.events;

import io.carechat.api.Event;
import io.carechat.api.EventCheckpoint;
import io.carechat.api.EventKey;
import io.carechat.api.EventRead;
import io.carechat.api.EventWebhook;
import io.carechat.api.WebhookDisabledReason;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.rest.mapping.ApiMapper;
import io.carechat.rest.messages.MessageMapper;

/** Converts events of the domain to the contract. */
final class EventMapper {
  private EventMapper() {}

  static Event event(LoggedEvent logged) {
    String id = EventIds.write(logged.position());
    return switch (logged.event()) {
      case ChatEvent.MessageSent sent ->
          new Event(
              id,
              "message.sent",
              sent.at(),
              sent.chat().patient().value(),
              MessageMapper.message(sent.message()),
              null,
              null,
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
                  ApiMapper.clientType(read.side()),
                  read.message().externalId().toString(),
                  read.message().createdAt()),
              null,
              null,
              null);
      case ChatEvent.RecordChanged changed ->
          new Event(
              id,
              WebhookEventType.of(changed).wireName(),
              changed.at(),
              changed.chat().patient().value(),
              null,
              null,
              null,
              null,
              null);
      case InstanceEvent.EndpointDisabled disabled ->
          new Event(
              id,
              "webhook.disabled",
              disabled.at(),
              null,
              null,
              null,
              new EventWebhook(disabled.endpointId().toString(), reason(disabled.reason())),
              null,
              null);
      case InstanceEvent.AuditCheckpoint checkpoint ->
          new Event(
              id,
              "audit.checkpoint",
              checkpoint.at(),
              null,
              null,
              null,
              null,
              new EventCheckpoint(checkpoint.rows(), checkpoint.note()),
              null);
      case InstanceEvent.BreakGlassKeyCreated created ->
          new Event(
              id,
              "key.break-glass",
              created.at(),
              null,
              null,
              null,
              null,
              null,
              new EventKey(created.keyId().value(), created.expiresAt()));
    };
  }

  private static WebhookDisabledReason reason(InstanceEvent.Reason reason) {
    return switch (reason) {
      case GONE -> WebhookDisabledReason.GONE;
      case FAILING -> WebhookDisabledReason.FAILING;
    };
  }
}
