package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.events.InstanceEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an endpoint does, by the ledger.
 *
 * @param failingSince when its first failure after its last success was; null if it does not fail
 * @param disabled null if it is not
 */
public record EndpointHealth(@Nullable Instant failingSince, @Nullable Disabled disabled) {
  /** Of one that neither fails nor is disabled. */
  public static final EndpointHealth GOOD = new EndpointHealth(null, null);

  /**
   * What one and the other say of the same endpoint, of which each says what the other does not.
   */
  public EndpointHealth and(EndpointHealth other) {
    return new EndpointHealth(
        failingSince == null ? other.failingSince : failingSince,
        disabled == null ? other.disabled : disabled);
  }

  /**
   * It gets no deliveries until it is enabled.
   *
   * @param reason null if somebody disabled it
   */
  public record Disabled(InstanceEvent.@Nullable Reason reason, Instant at) {}
}
