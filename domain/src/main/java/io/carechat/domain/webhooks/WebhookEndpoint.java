package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.LogPosition;
import java.net.URI;
import java.time.Instant;
import java.util.List;

/**
 * An address at which a partner is notified of events in an instance.
 *
 * @param instance the instance whose events are delivered
 * @param id the id of the endpoint
 * @param subscription which events are delivered, where and in which form
 * @param secrets the secrets that prove to the partner that a call comes from this service
 * @param origin where the endpoint comes from
 */
public record WebhookEndpoint(
    TenantInstance instance,
    EndpointId id,
    WebhookSubscription subscription,
    WebhookSecrets secrets,
    Origin origin) {
  /** Where an endpoint comes from. */
  public sealed interface Origin {
    /** The endpoint is in the operator's configuration. Only the operator can change it. */
    record Configuration() implements Origin {}

    /**
     * The endpoint was created through the API.
     *
     * @param after the end of the event log when the endpoint was created; only later events are
     *     delivered
     * @param version the version of the endpoint, which is 1 at first and increases by 1 with each
     *     change
     * @param createdAt when the endpoint was created, in whole milliseconds
     * @param updatedAt when the endpoint was last changed, in whole milliseconds
     */
    record Api(LogPosition after, long version, Instant createdAt, Instant updatedAt)
        implements Origin {
      /**
       * Returns the origin after one more change.
       *
       * @param time when the endpoint was changed, in whole milliseconds
       */
      public Api changedAt(Instant time) {
        return new Api(after, version + 1, createdAt, time);
      }
    }
  }

  /**
   * @throws IllegalArgumentException if the payload is {@link WebhookPayload#SOURCE} and there is
   *     no API key; the message names the member and contains no secret
   */
  public WebhookEndpoint {
    if (subscription.payload() == WebhookPayload.SOURCE && secrets.apiKey() == null) {
      throw new IllegalArgumentException("apiKey and apiSecret are needed for SOURCE");
    }
  }

  /**
   * Makes an endpoint of the configuration. It gets every message, in the form of the source
   * document.
   *
   * @param signingKeys one key, or two keys while one replaces the other
   * @throws IllegalArgumentException if a value is not valid, as in {@link WebhookSubscription} and
   *     {@link WebhookSecrets}
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

  /** Returns the address that is called. */
  public URI url() {
    return subscription.url();
  }

  /**
   * Returns whether an event is delivered to this endpoint.
   *
   * @param position the position of the event in the log
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
