package io.carechat.rest;

import io.carechat.api.ClientType;
import io.carechat.api.Event;
import io.carechat.api.EventRead;
import io.carechat.api.EventWebhook;
import io.carechat.api.Message;
import io.carechat.api.Sender;
import io.carechat.api.WebhookDisabledReason;
import io.carechat.domain.ChatEvent;
import io.carechat.domain.InstanceEvent;
import io.carechat.domain.LoggedEvent;

/** The contract's models of what the domain has. */
final class Wire {
  private Wire() {}

  static Message message(io.carechat.domain.Message message) {
    io.carechat.domain.Sender sender = message.sender();
    return new Message(
        new Sender(clientType(sender.clientType()), sender.id(), sender.titleName()),
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
              message(sent.message()),
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
                  clientType(read.side()),
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

  static ClientType clientType(io.carechat.domain.ClientType side) {
    return switch (side) {
      case PATIENT -> ClientType.PATIENT;
      case CARE_TEAM -> ClientType.CARE_TEAM;
    };
  }
}
