package io.carechat.rest;

import io.carechat.api.ClientType;
import io.carechat.api.Message;
import io.carechat.api.Sender;

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

  static ClientType clientType(io.carechat.domain.ClientType side) {
    return switch (side) {
      case PATIENT -> ClientType.PATIENT;
      case CARE_TEAM -> ClientType.CARE_TEAM;
    };
  }
}
