package io.carechat.domain.webhooks;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.ChatEvent;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/**
 * Which events an endpoint gets, where and in which form.
 *
 * @param url {@code http} or {@code https}, with a host, with a port of 1 to 65535 or none, without
 *     user information or fragment
 * @param payload the form of the body
 * @param eventTypes the types of events, at least one; only {@link WebhookEventType#MESSAGE_SENT}
 *     with {@link WebhookPayload#SOURCE}
 * @param senders the sides whose messages are delivered, at least one
 * @param description a note of the partner, which may be empty
 */
public record WebhookSubscription(
    URI url,
    WebhookPayload payload,
    Set<WebhookEventType> eventTypes,
    Set<ClientType> senders,
    String description) {

  /**
   * @throws IllegalArgumentException if a value is not as described; the message names it
   */
  public WebhookSubscription {
    faultIn(url)
        .ifPresent(rule -> {
          throw new IllegalArgumentException("url " + rule);
        });
    eventTypes = Set.copyOf(eventTypes);
    senders = Set.copyOf(senders);
    if (eventTypes.isEmpty() || senders.isEmpty()) {
      throw new IllegalArgumentException("eventTypes and senders must not be empty");
    }
    if (!fit(payload, eventTypes)) {
      throw new IllegalArgumentException("eventTypes must be only message.sent for SOURCE");
    }
  }

  /** Returns a subscription to every message of both sides, in the form of the source document. */
  public static WebhookSubscription ofAllMessages(URI url) {
    return new WebhookSubscription(
        url,
        WebhookPayload.SOURCE,
        Set.of(WebhookEventType.MESSAGE_SENT),
        Set.of(ClientType.values()),
        "");
  }

  /**
   * Returns why this cannot be the address of an endpoint, as the end of a sentence that begins
   * with the parameter's name. The result is empty if it can.
   */
  public static Optional<String> faultIn(URI url) {
    return WebhookUrlRules.faultIn(url);
  }

  /** Returns the same for a text, which may be no URL at all. */
  public static Optional<String> faultIn(String url) {
    return WebhookUrlRules.faultIn(url);
  }

  /** Returns whether events of these types can be delivered in a form. */
  public static boolean fit(WebhookPayload payload, Set<WebhookEventType> eventTypes) {
    return payload != WebhookPayload.SOURCE || !eventTypes.contains(WebhookEventType.CHAT_READ);
  }

  /** Returns whether an endpoint with this subscription gets an event. */
  boolean takes(ChatEvent event) {
    return eventTypes.contains(WebhookEventType.of(event))
        && switch (event) {
          case ChatEvent.MessageSent(Message message) ->
              senders.contains(message.sender().clientType());
          case ChatEvent.ChatRead read -> true;
        };
  }
}
