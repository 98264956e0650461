package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import java.time.Duration;
import java.util.List;

/**
 * How many lanes of each endpoint a claim may take, so that no endpoint takes the turn of others.
 *
 * @param lanes for endpoints without a limit of their own, 0 or more
 * @param pause for how long at least a lane over the limit may be put off, and for twice as long at
 *     most
 * @param exceptions endpoints with a limit of their own, each once
 */
public record ClaimLimits(int lanes, Duration pause, List<OfEndpoint> exceptions) {
  public ClaimLimits {
    exceptions = List.copyOf(exceptions);
  }

  /** The limit of one endpoint. */
  public record OfEndpoint(
      TenantInstance instance, EndpointId endpointId, int lanes, Duration pause) {}
}
