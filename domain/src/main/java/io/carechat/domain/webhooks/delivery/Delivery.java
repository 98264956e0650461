package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEventType;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A delivery as partners see it: one event for one endpoint. It never contains the text of a
 * message.
 *
 * @param id the id of the delivery
 * @param endpointId the endpoint
 * @param event the position of the event in the log
 * @param type the type of the event
 * @param chat the chat of the event
 * @param message the message that the event is about
 * @param state the state of the delivery
 * @param attempts how many attempts were made, including those before a redelivery
 * @param createdAt when the delivery was planned, in whole milliseconds; for one endpoint, in the
 *     order of the log
 * @param redeliveredAt when a redelivery was last asked for; null if never
 * @param nextAttemptAt when the next attempt is due; a time in the past if it will be made as soon
 *     as there is capacity. Null if the delivery is not pending, or waits for another delivery or
 *     for its endpoint to be enabled.
 * @param waitsFor the earlier delivery of the chat that must be made first; null if there is none
 *     or this delivery is not pending
 */
public record Delivery(
    DeliveryId id,
    EndpointId endpointId,
    LogPosition event,
    WebhookEventType type,
    ChatId chat,
    ExternalId message,
    DeliveryState state,
    int attempts,
    Instant createdAt,
    @Nullable Instant redeliveredAt,
    @Nullable Instant nextAttemptAt,
    @Nullable DeliveryId waitsFor) {
  /** Returns the key of the delivery among the deliveries of its endpoint. */
  public Key key() {
    return new Key(createdAt, event);
  }

  /**
   * The key that orders the deliveries of an endpoint: as they were planned, which is the order of
   * the log.
   *
   * @param createdAt when the delivery was planned, in whole milliseconds
   * @param event the position of the event in the log
   */
  public record Key(Instant createdAt, LogPosition event) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byTime = createdAt.compareTo(other.createdAt);
      return byTime != 0 ? byTime : event.compareTo(other.event);
    }

    /** Computes the cursors of an empty page. */
    static final Neighbours<Key> NEIGHBOURS =
        new Neighbours<>() {
          @Override
          public Key start() {
            return new Key(Instant.EPOCH, LogPosition.START);
          }

          @Override
          public Key previous(Key key) {
            LogPosition event = key.event();
            return new Key(
                key.createdAt(),
                new LogPosition(event.transaction(), Math.max(0, event.number() - 1)));
          }

          @Override
          public Key next(Key key) {
            LogPosition event = key.event();
            return new Key(
                key.createdAt(),
                new LogPosition(event.transaction(), Math.max(event.number(), event.number() + 1)));
          }
        };
  }
}
