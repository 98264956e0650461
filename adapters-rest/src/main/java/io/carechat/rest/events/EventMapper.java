package io.carechat.rest.events;

import io.carechat.api.Event;
import io.carechat.api.EventRead;
import io.carechat.api.EventWebhook;
import io.carechat.api.WebhookDisabledReason;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LoggedEvent;
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
              null);
      case InstanceEvent.EndpointDisabled disabled ->
          new Event(
              id,
              "webhook.disabled",
              disabled.at(),
              null,
              null,
              null,
              new EventWebhook(disabled.endpointId().toString(), reason(disabled.reason())));
    };
  }

  private static WebhookDisabledReason reason(InstanceEvent.Reason reason) {
    return switch (reason) {
      case GONE -> WebhookDisabledReason.GONE;
      case FAILING -> WebhookDisabledReason.FAILING;
    };
  }
}
