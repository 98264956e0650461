package io.carechat.domain.access;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits how much of something is in use at once: in total, and for each of its owners, such as a
 * credential or an instance. What is above a limit may wait for a short time. What waits for the
 * same owner gets its permit in the order in which it came. Safe for use by many threads.
 *
 * <p>A caller waits for its own shares first, one after the other, and then for the total. So what
 * waits for the total is never more than the shares allow, and one owner cannot make the others
 * wait long.
 */
public final class FairShares {
  private final Duration maxWait;
  private final int waitingForEach;
  private final LongSupplier nanoTime;
  private final Counter total;
  private final Map<Share, Counter> counters = new HashMap<>();

  /**
   * The share of an owner.
   *
   * @param owner for example the id of a credential; different kinds of owners must have different
   *     values
   * @param max how many permits the owner may have at once, 1 or more; always the same for an owner
   */
  public record Share(Object owner, int max) {}

  /** Thrown if there is no permit. It has no stack trace, because it is expected. */
  public static final class Exhausted extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Share share;

    private Exhausted(@Nullable Share share) {
      super("no permit is left", null, false, false);
      this.share = share;
    }

    /** Returns the share that is used up; null if it is the total. */
    public @Nullable Share share() {
      return share;
    }
  }

  /** The permits of one owner, or of all. */
  private static final class Counter {
    private final @Nullable Share share;
    private final Semaphore permits;
    private final long maxAdmitted;

    /** How many have a permit or wait for one. Guarded by the shares. */
    private long admitted;

    Counter(@Nullable Share share, int max, int waitingForEach) {
      this.share = share;
      this.permits = new Semaphore(max, true);
      this.maxAdmitted = max * (1L + waitingForEach);
    }
  }

  /** The permission to use something. It must be closed exactly once. */
  public final class Permit implements AutoCloseable {
    private final List<Counter> held;

    private Permit(List<Counter> held) {
      this.held = held;
    }

    @Override
    public void close() {
      held.reversed().forEach(counter -> counter.permits.release());
      leave(held);
    }
  }

  /**
   * Makes shares for which nobody waits.
   *
   * @param total how many permits there are in total, 1 or more
   */
  public FairShares(int total) {
    this(total, Duration.ZERO, 0, () -> 0);
  }

  /**
   * @param total how many permits there are in total, 1 or more
   * @param maxWait how long to wait for all permits together
   * @param waitingForEach how many may wait for each permit, of an owner and in total
   * @param nanoTime as {@link System#nanoTime}
   */
  public FairShares(int total, Duration maxWait, int waitingForEach, LongSupplier nanoTime) {
    this.maxWait = maxWait;
    this.waitingForEach = waitingForEach;
    this.nanoTime = nanoTime;
    this.total = new Counter(null, total, waitingForEach);
  }

  /**
   * Acquires a permit of each share and of the total, perhaps after a short time.
   *
   * @param shares the shares to use, in the order in which to wait for them
   * @throws Exhausted if there is no permit, or none was free in time
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  public Permit acquire(List<Share> shares) throws Exhausted, InterruptedException {
    long end = nanoTime.getAsLong() + maxWait.toNanos();
    List<Counter> admitted = admit(shares);
    int held = 0;
    try {
      for (Counter counter : admitted) {
        // Without a wait, a permit that is free is taken all the same.
        long wait = Math.max(0, end - nanoTime.getAsLong());
        if (!counter.permits.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
          throw new Exhausted(counter.share);
        }
        held++;
      }
      return new Permit(admitted);
    } finally {
      if (held < admitted.size()) {
        admitted.subList(0, held).forEach(counter -> counter.permits.release());
        leave(admitted);
      }
    }
  }

  private synchronized List<Counter> admit(List<Share> shares) throws Exhausted {
    var all = new ArrayList<Counter>(shares.size() + 1);
    for (Share share : shares) {
      Counter counter = counters.get(share);
      all.add(counter != null ? counter : new Counter(share, share.max(), waitingForEach));
    }
    all.add(total);
    for (Counter counter : all) {
      if (counter.admitted >= counter.maxAdmitted) {
        throw new Exhausted(counter.share);
      }
    }
    for (Counter counter : all) {
      counter.admitted++;
      if (counter.share != null) {
        counters.put(counter.share, counter);
      }
    }
    return all;
  }

  private synchronized void leave(List<Counter> all) {
    for (Counter counter : all) {
      counter.admitted--;
      if (counter.admitted == 0 && counter.share != null) {
        counters.remove(counter.share);
      }
    }
  }
}
