package io.carechat.domain.webhooks.delivery;

import java.time.Instant;

/** What follows from an attempt. */
public sealed interface DeliveryOutcome {
  /** The endpoint has accepted the delivery. */
  record Delivered() implements DeliveryOutcome {}

  /**
   * The attempt failed. The chat's later deliveries to the endpoint wait for this one.
   *
   * @param time when the next attempt is due
   */
  record RetryAt(Instant time) implements DeliveryOutcome {}

  /** The last attempt failed. The delivery is kept and can be redelivered. */
  record GaveUp() implements DeliveryOutcome {}

  /**
   * The endpoint was deleted, so nothing was called. The delivery is dead, as after {@link GaveUp}.
   */
  record EndpointUnknown() implements DeliveryOutcome {}

  /**
   * The endpoint answered that it is gone (HTTP status 410). It is disabled, and its pending
   * deliveries wait.
   */
  record EndpointGone() implements DeliveryOutcome {}
}
