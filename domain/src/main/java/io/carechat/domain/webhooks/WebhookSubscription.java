package io.carechat.domain.webhooks;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.ChatEvent;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/**
 * Of what an endpoint is told, where, and in which form.
 *
 * @param url {@code http} or {@code https}, with a host, with a port of 1 to 65535 or none, without
 *     user information or fragment
 * @param eventTypes at least one; with the payload {@link WebhookPayload#SOURCE} only {@link
 *     WebhookEventType#MESSAGE_SENT}
 * @param senders whose messages it is told of; at least one side
 * @param description a note of the partner's, perhaps empty
 */
public record WebhookSubscription(
    URI url,
    WebhookPayload payload,
    Set<WebhookEventType> eventTypes,
    Set<ClientType> senders,
    String description) {

  /**
   * @throws IllegalArgumentException if a part is not as described; the message names it
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
      throw new IllegalArgumentException("eventTypes must be message.sent alone for SOURCE");
    }
  }

  /** Every message of both sides, in the form of the source document. */
  public static WebhookSubscription ofAllMessages(URI url) {
    return new WebhookSubscription(
        url,
        WebhookPayload.SOURCE,
        Set.of(WebhookEventType.MESSAGE_SENT),
        Set.of(ClientType.values()),
        "");
  }

  /** Why this cannot be the address of an endpoint, to be read after its name. */
  public static Optional<String> faultIn(URI url) {
    boolean usable =
        ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
            && url.getHost() != null
            && (url.getPort() == -1 || (url.getPort() > 0 && url.getPort() < 65_536))
            && url.getRawUserInfo() == null
            && url.getRawFragment() == null;
    return usable
        ? Optional.empty()
        : Optional.of(
            "must be http or https, with a host, with a port of 1 to 65535 or none, without user"
                + " information or fragment");
  }

  /** Whether events of these types can be told in that form. */
  public static boolean fit(WebhookPayload payload, Set<WebhookEventType> eventTypes) {
    return payload != WebhookPayload.SOURCE || !eventTypes.contains(WebhookEventType.CHAT_READ);
  }

  /** Whether an endpoint with this subscription is told of an event. */
  boolean takes(ChatEvent event) {
    return eventTypes.contains(WebhookEventType.of(event))
        && switch (event) {
          case ChatEvent.MessageSent(Message message) ->
              senders.contains(message.sender().clientType());
          case ChatEvent.ChatRead read -> true;
        };
  }
}
