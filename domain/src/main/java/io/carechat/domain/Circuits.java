package io.carechat.domain;

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
 * them, and a slow one gets no more than {@value #MOST_SLOW}. While none of those under way has
 * ended for a second, no more are added. After {@value #FAILURES_TO_OPEN} failures in a row the
 * circuit is open: one delivery at a time is tried, at growing intervals, until one succeeds.
 *
 * <p>It is kept in memory, and each node finds out for itself: to share it would cost a write with
 * every attempt, to save one probe a minute.
 */
final class Circuits {
  static final int FIRST = 2;
  static final int MOST = 128;
  static final int MOST_SLOW = 16;
  static final int FAILURES_TO_OPEN = 10;
  static final Duration SLOW = Duration.ofSeconds(1);
  static final Duration FIRST_PROBE = Duration.ofSeconds(5);
  static final Duration RAREST_PROBE = Duration.ofMinutes(1);

  /** For how long a lane is put off that waits for others of its endpoint to end. */
  private static final Duration TURN = Duration.ofMillis(500);

  private static final Duration FORGET = Duration.ofMinutes(1);

  private final Map<Endpoint, Load> loads = new HashMap<>();

  private record Endpoint(TenantInstance place, String id) {
    static Endpoint of(ClaimedDelivery delivery) {
      return new Endpoint(delivery.message().chat().place(), delivery.endpointId());
    }
  }

  private static final class Load {
    private int underWay;
    private int most = FIRST;
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
      if (now.isAfter(changedAt.plus(WebhookDispatch.LEASE))) {
        underWay = 0;
      }
    }

    int room(Instant now) {
      forgetLost(now);
      if (probeEvery != null) {
        return underWay == 0 && !now.isBefore(probeAt) ? 1 : 0;
      }
      boolean stalled = underWay > 0 && now.isAfter(changedAt.plus(SLOW));
      return stalled ? 0 : Math.max(0, most - underWay);
    }

    /** For how long to put off what there is no room for. */
    Duration pause(Instant now) {
      if (probeEvery == null) {
        return TURN;
      }
      return now.isBefore(probeAt) ? Duration.between(now, probeAt) : probeEvery;
    }

    void succeeded(Duration took) {
      failures = 0;
      if (probeEvery != null) {
        probeEvery = null;
        most = FIRST;
      } else if (took.compareTo(SLOW) > 0) {
        most = Math.min(most, MOST_SLOW);
      } else {
        most = Math.min(most + 1, MOST);
      }
    }

    void failed(Instant now) {
      failures++;
      most = Math.max(1, most / 2);
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
        probeEvery = longer.compareTo(RAREST_PROBE) > 0 ? RAREST_PROBE : longer;
      }
      probeAt = now.plus(probeEvery);
    }

    boolean isForgettable(Instant now) {
      return underWay == 0 && failures == 0 && now.isAfter(changedAt.plus(FORGET));
    }
  }

  /** What may be claimed now. */
  synchronized ClaimRoom room(Instant now) {
    loads.values().removeIf(load -> load.isForgettable(now));
    var specials = new ArrayList<ClaimRoom.Special>(loads.size());
    loads.forEach((endpoint, load) ->
        specials.add(
            new ClaimRoom.Special(
                endpoint.place(), endpoint.id(), load.room(now), load.pause(now))));
    return new ClaimRoom(FIRST, TURN, specials);
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
