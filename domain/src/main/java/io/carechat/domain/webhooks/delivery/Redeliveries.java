package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.webhooks.DeliveryId;
import java.time.Instant;

/**
 * Deliveries that are made again because somebody asked for it. Safe for use by many threads and by
 * several nodes. Every method may throw {@link Unavailable}.
 */
public interface Redeliveries {
  /** How many deliveries are counted at most. */
  int MAX_COUNTED = 1_000_000;

  /** Which deliveries are to be made again. */
  enum Redeliverable {
    /** Those that are dead. */
    DEAD,
    /** Those that are dead, and those that were delivered. */
    ALL
  }

  /** What became of a redelivery that was asked for. */
  sealed interface Outcome {
    /** Its next attempt is due at once, or is being made. If its endpoint is disabled, it waits. */
    record Due() implements Outcome {}

    /** It is pending, and an earlier delivery of its chat comes first. Nothing was changed. */
    record WaitsFor(DeliveryId first) implements Outcome {}

    /** The endpoint has no delivery of that id. */
    record NoSuchDelivery() implements Outcome {}
  }

  /**
   * Has a delivery made again, with the same id and bytes, whatever became of it. It has all the
   * attempts of its schedule before it, and is the next of its lane unless an earlier one is
   * pending. One that is pending is made due at once, if it is the next of its lane.
   */
  Outcome redeliver(TenantInstance instance, EndpointId endpointId, DeliveryId id, Instant now);

  /**
   * Has many deliveries of an endpoint made again, as {@link #redeliver} does: those that are in
   * such a state and were created from a time on until now. The order of each chat is kept: all of
   * its deliveries that are concerned come before the pending ones that are later in the log. They
   * are not made due by this call, but by the calls of {@link #continueBatch} that follow.
   *
   * @return how many there are now, up to {@link #MAX_COUNTED}
   */
  int redeliverAll(
      TenantInstance instance,
      EndpointId endpointId,
      Redeliverable which,
      Instant since,
      Instant now);

  /**
   * Goes on, by a bounded batch, with what {@link #redeliverAll} was asked for, and with what
   * enabling or disabling an endpoint left to be done because very many chats wait for it.
   *
   * @param chats of how many chats it redelivers at most, 1 or more; of each, all deliveries that
   *     are concerned
   * @return whether there may be more to do
   */
  boolean continueBatch(int chats, Instant now);
}
