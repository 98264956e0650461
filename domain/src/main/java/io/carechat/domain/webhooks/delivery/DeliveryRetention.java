package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.Unavailable;
import java.time.Instant;

/** Removes old deliveries. Safe for use by many threads. May throw {@link Unavailable}. */
@FunctionalInterface
public interface DeliveryRetention {
  /**
   * Removes deliveries that have been delivered, together with their attempts.
   *
   * @param before only deliveries that were planned before this time
   * @param limit the maximum number of deliveries to remove, 1 or more
   * @return how many were removed
   */
  int forgetDelivered(Instant before, int limit);
}
