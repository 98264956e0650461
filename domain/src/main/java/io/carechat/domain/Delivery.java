package io.carechat.domain;

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
    String endpointId,
    LogPosition event,
    Type type,
    ChatId chat,
    ExternalId message,
    WebhookLedger.State state,
    int attempts,
    Instant createdAt,
    @Nullable Instant redeliveredAt,
    @Nullable Instant nextAttemptAt,
    @Nullable DeliveryId waitsFor) {
  /** What kind of event. */
  public enum Type {
    MESSAGE_SENT,
    CHAT_READ;

    /** The type of an event. */
    public static Type of(ChatEvent event) {
      return switch (event) {
        case ChatEvent.MessageSent sent -> MESSAGE_SENT;
        case ChatEvent.ChatRead read -> CHAT_READ;
      };
    }
  }

  /** Where it is among the deliveries of its endpoint. */
  public Place place() {
    return new Place(createdAt, event);
  }

  /**
   * A place among the deliveries of an endpoint, in the order in which they entered the ledger,
   * which is that of the log.
   *
   * @param createdAt in whole milliseconds
   */
  public record Place(Instant createdAt, LogPosition event) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byTime = createdAt.compareTo(other.createdAt);
      return byTime != 0 ? byTime : event.compareTo(other.event);
    }

    /** The place directly behind it. */
    Place next() {
      return new Place(createdAt, new LogPosition(event.transaction(), event.number() + 1));
    }

    /** The place directly before it. */
    Place previous() {
      return new Place(
          createdAt, new LogPosition(event.transaction(), Math.max(0, event.number() - 1)));
    }
  }
}
