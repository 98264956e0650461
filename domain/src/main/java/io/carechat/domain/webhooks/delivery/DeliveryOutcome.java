package io.carechat.domain.webhooks.delivery;

import java.time.Instant;

/** What an attempt leads to. */
public sealed interface DeliveryOutcome {
  /** The endpoint has it. */
  record Delivered() implements DeliveryOutcome {}

  /** Another attempt is due then. The chat's later deliveries to the endpoint wait for it. */
  record RetryAt(Instant time) implements DeliveryOutcome {}

  /** That was the last attempt. The delivery stays in the ledger, and can be made again. */
  record GaveUp() implements DeliveryOutcome {}

  /**
   * The endpoint was deleted, and nobody was called. The delivery is dead like one that was given
   * up.
   */
  record EndpointUnknown() implements DeliveryOutcome {}

  /**
   * The endpoint said that it is gone (410): it is disabled, and what waits for it stays in the
   * ledger.
   */
  record EndpointGone() implements DeliveryOutcome {}
}
