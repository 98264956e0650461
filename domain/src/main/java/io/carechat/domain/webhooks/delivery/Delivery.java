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
 * One event to one endpoint, as the ledger shows it: never what was said.
 *
 * @param event which event of the log it is
 * @param type of the event
 * @param message the message that the event is about
 * @param attempts how many were made, those before a redelivery included
 * @param createdAt when it entered the ledger, in whole milliseconds; for an endpoint, in the order
 *     of the log
 * @param redeliveredAt when its redelivery was last asked for; null if never
 * @param nextAttemptAt when its next attempt is due; in the past if it is made as soon as there is
 *     room for it. Null if it is not pending, waits for another or for its endpoint to be enabled
 * @param waitsFor the earlier delivery of the chat that comes first; null if none, or not pending
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
  /** Its key among the deliveries of its endpoint. */
  public Key key() {
    return new Key(createdAt, event);
  }

  /**
   * The key of a delivery among the deliveries of an endpoint, in the order in which they entered
   * the ledger, which is that of the log.
   *
   * @param createdAt in whole milliseconds
   */
  public record Key(Instant createdAt, LogPosition event) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byTime = createdAt.compareTo(other.createdAt);
      return byTime != 0 ? byTime : event.compareTo(other.event);
    }

    /** For the rule of the empty page. */
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
                key.createdAt(), new LogPosition(event.transaction(), event.number() + 1));
          }
        };
  }
}
