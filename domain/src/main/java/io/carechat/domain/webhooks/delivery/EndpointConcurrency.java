package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many deliveries this node makes to each endpoint at once. The limit adapts to how the
 * endpoint responds. Safe for use by many threads.
 *
 * <p>An endpoint begins with {@value #INITIAL} deliveries at once. Each quick success raises the
 * limit by one. Each failure halves it. After a slow success the limit is at most {@value
 * #MAX_SLOW}. While none of the deliveries in flight has ended for a second, no more are started.
 * After {@value #FAILURES_TO_OPEN} failures in a row the circuit opens: one delivery at a time is
 * tried, at growing intervals, until one succeeds.
 *
 * <p>The state is kept in memory, and each node learns it for itself. Sharing it would cost a write
 * with every attempt and would save only one probe a minute.
 */
final class EndpointConcurrency {
  static final int INITIAL = 2;
  static final int MAX = 128;
  static final int MAX_SLOW = 16;
  static final int FAILURES_TO_OPEN = 10;
  static final Duration SLOW = Duration.ofSeconds(1);
  static final Duration FIRST_PROBE = Duration.ofSeconds(5);
  static final Duration SLOWEST_PROBE = Duration.ofMinutes(1);

  /** How long a lane is postponed that waits for other deliveries of its endpoint to end. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(1);

  private final Map<Endpoint, Load> loads = new HashMap<>();

  private record Endpoint(TenantInstance instance, EndpointId id) {
    static Endpoint of(ClaimedDelivery delivery) {
      return new Endpoint(delivery.message().chat().instance(), delivery.endpointId());
    }
  }

  private static final class Load {
    private int inFlight;
    private int limit = INITIAL;
    private int failures;

    /** When a delivery last ended, or when one began while none was in flight. */
    private Instant changedAt;

    /** Null while the circuit is closed. */
    private @Nullable Duration probeEvery;

    private Instant probeAt = Instant.MIN;

    Load(Instant now) {
      changedAt = now;
    }

    /**
     * Forgets deliveries that never ended but can no longer be in flight, because their lease has
     * expired.
     */
    void forgetLost(Instant now) {
      if (now.isAfter(changedAt.plus(WebhookDispatcher.LEASE))) {
        inFlight = 0;
      }
    }

    int available(Instant now) {
      forgetLost(now);
      if (probeEvery != null) {
        return inFlight == 0 && !now.isBefore(probeAt) ? 1 : 0;
      }
      boolean stalled = inFlight > 0 && now.isAfter(changedAt.plus(SLOW));
      return stalled ? 0 : Math.max(0, limit - inFlight);
    }

    /** Returns how long to postpone lanes over the limit. */
    Duration pause(Instant now) {
      if (probeEvery == null) {
        return PAUSE;
      }
      return now.isBefore(probeAt) ? Duration.between(now, probeAt) : probeEvery;
    }

    void succeeded(Duration took) {
      failures = 0;
      if (probeEvery != null) {
        probeEvery = null;
        limit = INITIAL;
      } else if (took.compareTo(SLOW) > 0) {
        limit = Math.min(limit, MAX_SLOW);
      } else {
        limit = Math.min(limit + 1, MAX);
      }
    }

    void failed(Instant now) {
      failures++;
      limit = Math.max(1, limit / 2);
      if (failures < FAILURES_TO_OPEN) {
        return;
      }
      if (probeEvery == null) {
        probeEvery = FIRST_PROBE;
      } else if (now.isBefore(probeAt)) {
        // This delivery began before the circuit opened. It is not a probe.
        return;
      } else {
        Duration longer = probeEvery.multipliedBy(2);
        probeEvery = longer.compareTo(SLOWEST_PROBE) > 0 ? SLOWEST_PROBE : longer;
      }
      probeAt = now.plus(probeEvery);
    }

    boolean isForgettable(Instant now) {
      return inFlight == 0 && failures == 0 && now.isAfter(changedAt.plus(IDLE_TIMEOUT));
    }
  }

  /** Returns how many lanes of each endpoint may be claimed now. */
  synchronized ClaimLimits limits(Instant now) {
    loads.values().removeIf(load -> load.isForgettable(now));
    var exceptions = new ArrayList<ClaimLimits.OfEndpoint>(loads.size());
    loads.forEach((endpoint, load) ->
        exceptions.add(
            new ClaimLimits.OfEndpoint(
                endpoint.instance(), endpoint.id(), load.available(now), load.pause(now))));
    return new ClaimLimits(INITIAL, PAUSE, exceptions);
  }

  /** Records that a delivery was claimed. */
  synchronized void began(ClaimedDelivery delivery, Instant now) {
    Load load = loads.computeIfAbsent(Endpoint.of(delivery), _ -> new Load(now));
    load.forgetLost(now);
    if (load.inFlight == 0) {
      load.changedAt = now;
    }
    load.inFlight++;
  }

  /**
   * Records that a delivery has ended.
   *
   * @param outcome what followed; null if it says nothing about the endpoint
   * @param took how long the call took
   */
  synchronized void ended(
      ClaimedDelivery delivery, @Nullable DeliveryOutcome outcome, Duration took, Instant now) {
    Load load = loads.computeIfAbsent(Endpoint.of(delivery), _ -> new Load(now));
    load.inFlight = Math.max(0, load.inFlight - 1);
    load.changedAt = now;
    switch (outcome) {
      case DeliveryOutcome.Delivered() -> load.succeeded(took);
      case DeliveryOutcome.RetryAt(Instant time) -> load.failed(now);
      case DeliveryOutcome.GaveUp() -> load.failed(now);
      case DeliveryOutcome.EndpointUnknown() -> {}
      case DeliveryOutcome.EndpointGone() -> {}
      case null -> {}
    }
  }
}
