package io.carechat.domain.webhooks;

import io.carechat.domain.events.ChatEvent;
import java.util.Optional;

/** The types of events that can be delivered to endpoints. */
public enum WebhookEventType {
  /** A message was sent. */
  MESSAGE_SENT("message.sent"),
  /** One side of a chat has read further. */
  CHAT_READ("chat.read");

  private final String wireName;

  WebhookEventType(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the type of an event. */
  public static WebhookEventType of(ChatEvent event) {
    return switch (event) {
      case ChatEvent.MessageSent sent -> MESSAGE_SENT;
      case ChatEvent.ChatRead read -> CHAT_READ;
    };
  }

  /** Returns the name that is used in the contract, in deliveries and in the database. */
  public String wireName() {
    return wireName;
  }

  /** Returns the type with a wire name. The result is empty if there is none. */
  public static Optional<WebhookEventType> ofWireName(String name) {
    for (WebhookEventType type : values()) {
      if (type.wireName.equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
