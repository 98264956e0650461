package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.events.InstanceEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The health of an endpoint, as its deliveries show it.
 *
 * @param failingSince the time of the first failure after the last success; null if the endpoint is
 *     not failing
 * @param disabled when and why the endpoint was disabled; null if it is enabled
 */
public record EndpointHealth(@Nullable Instant failingSince, @Nullable Disabled disabled) {
  /** The health of an endpoint that is neither failing nor disabled. */
  public static final EndpointHealth GOOD = new EndpointHealth(null, null);

  /**
   * Combines two incomplete statements about one endpoint. Each value is taken from this one, or
   * from the other if this one has none.
   */
  public EndpointHealth and(EndpointHealth other) {
    return new EndpointHealth(
        failingSince == null ? other.failingSince : failingSince,
        disabled == null ? other.disabled : disabled);
  }

  /**
   * Says that the endpoint is disabled. It gets no deliveries until it is enabled.
   *
   * @param reason why the service disabled it; null if somebody disabled it through the API
   * @param at when it was disabled
   */
  public record Disabled(InstanceEvent.@Nullable Reason reason, Instant at) {}
}
