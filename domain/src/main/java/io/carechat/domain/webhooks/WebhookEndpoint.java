package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import java.net.URI;
import java.time.Instant;
import java.util.List;

/** Where a partner wants to be notified of what happens in an instance. */
public record WebhookEndpoint(
    TenantInstance instance,
    EndpointId id,
    WebhookSubscription subscription,
    WebhookSecrets secrets,
    Origin origin) {
  /** Where an endpoint comes from. */
  public sealed interface Origin {
    /** The operator's configuration: only the operator changes it. */
    record Configuration() implements Origin {}

    /**
     * It was made by the API.
     *
     * @param after where the event log ended when it was made: it is told of what comes after
     * @param version counts its changes, from 1
     * @param createdAt in whole milliseconds
     * @param updatedAt when it was changed last, in whole milliseconds
     */
    record Api(LogPosition after, long version, Instant createdAt, Instant updatedAt)
        implements Origin {
      /** The same after one more change. */
      public Api changedAt(Instant time) {
        return new Api(after, version + 1, createdAt, time);
      }
    }
  }

  /**
   * @throws IllegalArgumentException if a part is not as described; the message names it and
   *     repeats no secret
   */
  public WebhookEndpoint {
    if (subscription.payload() == WebhookPayload.SOURCE && secrets.apiKey() == null) {
      throw new IllegalArgumentException("apiKey and apiSecret are needed for SOURCE");
    }
  }

  /**
   * One of the configuration, for every message, in the form of the source document.
   *
   * @param signingKeys one, or two while one replaces the other
   * @throws IllegalArgumentException as the other
   */
  public WebhookEndpoint(
      TenantInstance instance,
      EndpointId id,
      URI url,
      Secret apiKey,
      Secret apiSecret,
      List<Secret> signingKeys) {
    this(
        instance,
        id,
        WebhookSubscription.ofAllMessages(url),
        new WebhookSecrets(
            apiKey,
            apiSecret,
            oneOrTwo(signingKeys).getFirst(),
            signingKeys.size() == 2 ? signingKeys.getLast() : null,
            null),
        new Origin.Configuration());
  }

  private static List<Secret> oneOrTwo(List<Secret> keys) {
    if (keys.size() != 1 && keys.size() != 2) {
      throw new IllegalArgumentException(
          "signingKeys must be one, or two while one replaces the other");
    }
    return keys;
  }

  /** Where calls go. */
  public URI url() {
    return subscription.url();
  }

  /**
   * Whether an event is delivered here.
   *
   * @param position of the event in the log
   */
  public boolean takes(LogPosition position, ChatEvent event) {
    return event.instance().equals(instance)
        && subscription.takes(event)
        && switch (origin) {
          case Origin.Configuration configured -> true;
          case Origin.Api made -> position.compareTo(made.after()) > 0;
        };
  }
}
