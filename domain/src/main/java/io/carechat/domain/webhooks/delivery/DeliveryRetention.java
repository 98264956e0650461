package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.Unavailable;
import java.time.Instant;

/** Removes old deliveries. Safe for use by many threads. May throw {@link Unavailable}. */
@FunctionalInterface
public interface DeliveryRetention {
  /**
   * Removes deliveries that were delivered, and their attempts.
   *
   * @param before created before that
   * @param limit how many at most, 1 or more
   * @return how many were removed
   */
  int forgetDelivered(Instant before, int limit);
}
