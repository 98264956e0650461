package io.carechat.domain;

import java.time.Duration;
import java.util.List;

/**
 * How many lanes of each endpoint a claim may take, so that no endpoint takes everybody's turn.
 *
 * @param lanes for endpoints that are not among the specials, 0 or more
 * @param pause for how long at least a lane that there is no room for may be put off, and for twice
 *     as long at most
 * @param specials endpoints with a room of their own, each once
 */
public record ClaimRoom(int lanes, Duration pause, List<Special> specials) {
  public ClaimRoom {
    specials = List.copyOf(specials);
  }

  /** Room for everything. */
  public static final ClaimRoom UNLIMITED =
      new ClaimRoom(Integer.MAX_VALUE, Duration.ZERO, List.of());

  /** As for all, but for one endpoint. */
  public record Special(TenantInstance place, String endpointId, int lanes, Duration pause) {}
}
