package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import java.time.Duration;
import java.util.List;

/**
 * How many lanes of each endpoint a claim may take. The limits prevent that one endpoint uses all
 * capacity. A lane is the queue of one chat and one endpoint, see {@link DeliveryQueue}.
 *
 * @param lanes the limit of endpoints without a limit of their own, 0 or more
 * @param pause the shortest time by which a lane over the limit may be postponed; the longest is
 *     twice this time
 * @param exceptions the endpoints with a limit of their own, each at most once
 */
public record ClaimLimits(int lanes, Duration pause, List<OfEndpoint> exceptions) {
  /** Copies the list. */
  public ClaimLimits {
    exceptions = List.copyOf(exceptions);
  }

  /**
   * The limit of one endpoint.
   *
   * @param instance the instance of the endpoint
   * @param endpointId the id of the endpoint
   * @param lanes the limit, 0 or more
   * @param pause as in {@link ClaimLimits}
   */
  public record OfEndpoint(
      TenantInstance instance, EndpointId endpointId, int lanes, Duration pause) {}
}
