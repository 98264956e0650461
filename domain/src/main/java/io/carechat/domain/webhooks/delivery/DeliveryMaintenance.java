package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.time.InstantSource;

/**
 * What has to be done for deliveries now and then, beside making them. Safe for use by many threads
 * and by several nodes. Every method may throw {@link Unavailable}.
 */
public final class DeliveryMaintenance {
  private static final int REDELIVERY_BATCH = 100;
  private static final int RETENTION_BATCH = 1_000;

  private final Redeliveries redeliveries;
  private final EndpointStates states;
  private final DeliveryRetention retention;
  private final InstantSource clock;

  /**
   * @param clock shared by all nodes
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
   * Goes on with redeliveries that were asked for, and with the lanes of endpoints that were
   * disabled or enabled.
   *
   * @return whether there may be more to do
   */
  public boolean continueRedeliveries() {
    return redeliveries.continueBatch(REDELIVERY_BATCH, clock.instant());
  }

  /**
   * Disables endpoints that have failed for longer than is tolerated.
   *
   * @param tolerated how long that is
   */
  public void disableFailing(Duration tolerated) {
    int _ = states.disableFailing(tolerated, clock.instant());
  }

  /**
   * Removes some of what was delivered longer ago than an age.
   *
   * @return whether there may be more to remove
   */
  public boolean forgetDelivered(Duration age) {
    return retention.forgetDelivered(clock.instant().minus(age), RETENTION_BATCH)
        == RETENTION_BATCH;
  }
}
