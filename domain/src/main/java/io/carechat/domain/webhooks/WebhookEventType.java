package io.carechat.domain.webhooks;

import io.carechat.domain.events.ChatEvent;
import java.util.Optional;

/** What endpoints can be told of. */
public enum WebhookEventType {
  MESSAGE_SENT("message.sent"),
  CHAT_READ("chat.read");

  private final String wireName;

  WebhookEventType(String wireName) {
    this.wireName = wireName;
  }

  /** The type of an event. */
  public static WebhookEventType of(ChatEvent event) {
    return switch (event) {
      case ChatEvent.MessageSent sent -> MESSAGE_SENT;
      case ChatEvent.ChatRead read -> CHAT_READ;
    };
  }

  /** The name in the contract, in what is delivered and in the database. */
  public String wireName() {
    return wireName;
  }

  /** The type of a wire name, if there is one. */
  public static Optional<WebhookEventType> ofWireName(String name) {
    for (WebhookEventType type : values()) {
      if (type.wireName.equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
