package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.webhooks.DeliveryId;
import java.time.Instant;
import java.util.OptionalInt;

/**
 * Makes deliveries again because a partner has asked for it. Safe for use by many threads and by
 * several nodes. Every method may throw {@link Unavailable}.
 */
public interface Redeliveries {
  /** The number of deliveries at which counting ends. */
  int MAX_COUNTED = 1_000_000;

  /** The states of the deliveries that are to be made again. */
  enum Redeliverable {
    /** Only deliveries that are dead. */
    DEAD,
    /** Deliveries that are dead and those that were delivered. */
    ALL
  }

  /** The result of asking for a redelivery. */
  sealed interface Outcome {
    /**
     * The next attempt is due at once or is being made. If the endpoint is disabled, the delivery
     * waits.
     */
    record Due() implements Outcome {}

    /**
     * The delivery is pending, and an earlier delivery of its chat must be made first. Nothing was
     * changed.
     *
     * @param first the earlier delivery
     */
    record WaitsFor(DeliveryId first) implements Outcome {}

    /** The endpoint has no delivery with that id. */
    record NoSuchDelivery() implements Outcome {}
  }

  /**
   * Asks for a delivery to be made again, with the same id and bytes, whatever its state is. It
   * gets all attempts of the retry schedule again. It becomes the next delivery of its lane unless
   * an earlier one is pending. If it is pending and is the next of its lane, it becomes due at
   * once.
   */
  Outcome redeliver(TenantInstance instance, EndpointId endpointId, DeliveryId id, Instant now);

  /**
   * Asks for many deliveries of an endpoint to be made again, as {@link #redeliver} does. These are
   * the deliveries in the given states that were planned from {@code since} until now. The order
   * within each chat is kept: the redeliveries of a chat come before its pending deliveries that
   * are later in the log. This call does not make them due. Later calls of {@link #continueBatch}
   * do.
   *
   * @param which the states of the deliveries
   * @param since only deliveries that were planned at this time or later
   * @param now the current time
   * @return how many deliveries there are now, counted up to {@link #MAX_COUNTED}; empty if an
   *     earlier request of this kind for the endpoint is not finished, whichever node it was sent
   *     to, and then nothing was changed
   */
  OptionalInt redeliverAll(
      TenantInstance instance,
      EndpointId endpointId,
      Redeliverable which,
      Instant since,
      Instant now);

  /**
   * Does a bounded batch of the work that {@link #redeliverAll} has left. It also updates the lanes
   * that enabling or disabling an endpoint has left, because very many chats wait for that
   * endpoint.
   *
   * @param chats the maximum number of chats to redeliver, 1 or more; of each chat all deliveries
   *     that were asked for
   * @param now the current time
   * @return whether there may be more to do
   */
  boolean continueBatch(int chats, Instant now);
}
