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
 * How many deliveries this node makes to each endpoint at once, by how the endpoint bears it. Safe
 * for use by many threads.
 *
 * <p>An endpoint begins with few at once. Each quick success allows one more, each failure halves
 * them, and a slow one gets no more than {@value #MAX_SLOW}. While none of those under way has
 * ended for a second, no more are added. After {@value #FAILURES_TO_OPEN} failures in a row the
 * circuit is open: one delivery at a time is tried, at growing intervals, until one succeeds.
 *
 * <p>It is kept in memory, and each node finds out for itself: to share it would cost a write with
 * every attempt, to save one probe a minute.
 */
final class EndpointConcurrency {
  static final int INITIAL = 2;
  static final int MAX = 128;
  static final int MAX_SLOW = 16;
  static final int FAILURES_TO_OPEN = 10;
  static final Duration SLOW = Duration.ofSeconds(1);
  static final Duration FIRST_PROBE = Duration.ofSeconds(5);
  static final Duration SLOWEST_PROBE = Duration.ofMinutes(1);

  /** For how long a lane is put off that waits for others of its endpoint to end. */
  private static final Duration WAIT = Duration.ofMillis(500);

  private static final Duration FORGET = Duration.ofMinutes(1);

  private final Map<Endpoint, Load> loads = new HashMap<>();

  private record Endpoint(TenantInstance instance, EndpointId id) {
    static Endpoint of(ClaimedDelivery delivery) {
      return new Endpoint(delivery.message().chat().instance(), delivery.endpointId());
    }
  }

  private static final class Load {
    private int underWay;
    private int limit = INITIAL;
    private int failures;

    /** When something ended last, or began after a time when there was nothing. */
    private Instant changedAt;

    /** Null while the circuit is closed. */
    private @Nullable Duration probeEvery;

    private Instant probeAt = Instant.MIN;

    Load(Instant now) {
      changedAt = now;
    }

    /** What neither ended nor can be under way any more does not count. */
    void forgetLost(Instant now) {
      if (now.isAfter(changedAt.plus(WebhookDispatcher.LEASE))) {
        underWay = 0;
      }
    }

    int available(Instant now) {
      forgetLost(now);
      if (probeEvery != null) {
        return underWay == 0 && !now.isBefore(probeAt) ? 1 : 0;
      }
      boolean stalled = underWay > 0 && now.isAfter(changedAt.plus(SLOW));
      return stalled ? 0 : Math.max(0, limit - underWay);
    }

    /** For how long to put off what is over the limit. */
    Duration pause(Instant now) {
      if (probeEvery == null) {
        return WAIT;
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
        // It was under way when the circuit opened, and was no probe.
        return;
      } else {
        Duration longer = probeEvery.multipliedBy(2);
        probeEvery = longer.compareTo(SLOWEST_PROBE) > 0 ? SLOWEST_PROBE : longer;
      }
      probeAt = now.plus(probeEvery);
    }

    boolean isForgettable(Instant now) {
      return underWay == 0 && failures == 0 && now.isAfter(changedAt.plus(FORGET));
    }
  }

  /** What may be claimed now. */
  synchronized ClaimLimits limits(Instant now) {
    loads.values().removeIf(load -> load.isForgettable(now));
    var exceptions = new ArrayList<ClaimLimits.OfEndpoint>(loads.size());
    loads.forEach((endpoint, load) ->
        exceptions.add(
            new ClaimLimits.OfEndpoint(
                endpoint.instance(), endpoint.id(), load.available(now), load.pause(now))));
    return new ClaimLimits(INITIAL, WAIT, exceptions);
  }

  /** A delivery was claimed. */
  synchronized void began(ClaimedDelivery delivery, Instant now) {
    Load load = loads.computeIfAbsent(Endpoint.of(delivery), _ -> new Load(now));
    load.forgetLost(now);
    if (load.underWay == 0) {
      load.changedAt = now;
    }
    load.underWay++;
  }

  /**
   * A delivery that had begun has ended.
   *
   * @param outcome null if nothing can be said of the endpoint
   */
  synchronized void ended(
      ClaimedDelivery delivery, @Nullable DeliveryOutcome outcome, Duration took, Instant now) {
    Load load = loads.computeIfAbsent(Endpoint.of(delivery), _ -> new Load(now));
    load.underWay = Math.max(0, load.underWay - 1);
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
