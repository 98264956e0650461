package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Periodic work on deliveries, besides making them. Safe for use by many threads and by several
 * nodes. Every method may throw {@link Unavailable}.
 */
public final class DeliveryMaintenance {
  private static final int REDELIVERY_BATCH = 100;
  private static final int RETENTION_BATCH = 1_000;

  private final Redeliveries redeliveries;
  private final EndpointStates states;
  private final DeliveryRetention retention;
  private final InstantSource clock;

  /**
   * @param redeliveries continues redeliveries
   * @param states disables endpoints
   * @param retention removes old deliveries
   * @param clock a clock that all nodes share
   */
  public DeliveryMaintenance(
      Redeliveries redeliveries,
      EndpointStates states,
      DeliveryRetention retention,
      InstantSource clock) {
    this.redeliveries = redeliveries;
    this.states = states;
    this.retention = retention;
    this.clock = clock;
  }

  /**
   * Continues redeliveries that were asked for, and updates the lanes of endpoints that were
   * disabled or enabled. It does one bounded batch of this work.
   *
   * @return whether there may be more to do
   */
  public boolean continueRedeliveries() {
    return redeliveries.continueBatch(REDELIVERY_BATCH, clock.instant());
  }

  /**
   * Disables the endpoints that have failed for longer than is tolerated.
   *
   * @param tolerated how long failures are tolerated
   */
  public void disableFailing(Duration tolerated) {
    int _ = states.disableFailing(tolerated, clock.instant());
  }

  /**
   * Removes a bounded batch of deliveries that have been delivered and are older than a maximum
   * age.
   *
   * @param maxAge the maximum age
   * @return whether there may be more to remove
   */
  public boolean forgetDelivered(Duration maxAge) {
    return retention.forgetDelivered(clock.instant().minus(maxAge), RETENTION_BATCH)
        == RETENTION_BATCH;
  }
}
