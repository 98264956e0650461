package io.carechat.rest.messages;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.http.RequestRejected.TooManyRequests;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Limits how many searches run at once, as {@link SearchLimits} says. A search above a limit waits
 * for a short time, and searches of the same kind run in the order in which they came. So a partner
 * with many connections gets all answers, only not at once. Safe for use by many threads.
 *
 * <p>A search waits for its credential first, then for its instance, and then for the service. So
 * what waits for the service is never more than each instance may run. One instance cannot make the
 * queue of another long.
 */
public final class SearchLimiter {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final SearchLimits limits;
  private final Share total;
  private final Map<String, Share> byCredential = new HashMap<>();
  private final Map<TenantInstance, Share> byInstance = new HashMap<>();

  /** The searches of a credential, of an instance or of all. */
  private static final class Share {
    private final Semaphore permits;
    private final int maxAdmitted;

    /** How many searches run or wait. Guarded by the limiter. */
    private int admitted;

    Share(int max) {
      permits = new Semaphore(max, true);
      // A share may be as large as an int.
      maxAdmitted = (int) Math.min(max * (1L + SearchLimits.WAITING_FOR_EACH), Integer.MAX_VALUE);
    }

    boolean isFull() {
      return admitted >= maxAdmitted;
    }
  }

  /**
   * @param limits how many searches may run at once
   */
  public SearchLimiter(SearchLimits limits) {
    this.limits = limits;
    this.total = new Share(limits.concurrent());
  }

  /**
   * Runs a search, perhaps after a short time.
   *
   * @param caller who searches; the caller must be allowed to
   * @throws TooManyRequests if the caller's credential has too many searches under way
   * @throws Unavailable if the caller's instance, or the service, has too many searches under way
   */
  public <T> T run(Caller caller, Supplier<T> search) {
    long end = System.nanoTime() + limits.maxWait().toNanos();
    Admitted admitted = admit(caller);
    try {
      if (!acquire(admitted.credential(), end)) {
        throw tooMany();
      }
      try {
        return runInInstance(admitted.instance(), end, search);
      } finally {
        admitted.credential().permits.release();
      }
    } finally {
      leave(caller, admitted);
    }
  }

  private <T> T runInInstance(Share instance, long end, Supplier<T> search) {
    if (!acquire(instance, end)) {
      throw unavailable("the instance has too many searches under way");
    }
    try {
      if (!acquire(total, end)) {
        throw unavailable("too many searches are under way");
      }
      try {
        return search.get();
      } finally {
        total.permits.release();
      }
    } finally {
      instance.permits.release();
    }
  }

  private record Admitted(Share credential, Share instance) {}

  private synchronized Admitted admit(Caller caller) {
    Share credential = byCredential.get(caller.credentialId());
    if (credential == null) {
      credential =
          new Share(
              caller instanceof Caller.PatientUser ? limits.perPatient() : limits.perCredential());
    }
    Share instance = byInstance.get(caller.instance());
    if (instance == null) {
      instance = new Share(limits.perInstance());
    }
    if (credential.isFull()) {
      throw tooMany();
    }
    if (instance.isFull()) {
      throw unavailable("too many searches of the instance wait");
    }
    if (total.isFull()) {
      throw unavailable("too many searches wait");
    }
    credential.admitted++;
    instance.admitted++;
    total.admitted++;
    byCredential.put(caller.credentialId(), credential);
    byInstance.put(caller.instance(), instance);
    return new Admitted(credential, instance);
  }

  private synchronized void leave(Caller caller, Admitted admitted) {
    total.admitted--;
    if (--admitted.credential().admitted == 0) {
      byCredential.remove(caller.credentialId());
    }
    if (--admitted.instance().admitted == 0) {
      byInstance.remove(caller.instance());
    }
  }

  private static boolean acquire(Share share, long end) {
    try {
      // Without a wait, a permit that is free is taken all the same.
      return share.permits.tryAcquire(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("a search was interrupted while it waited", RETRY_AFTER, e);
    }
  }

  private static TooManyRequests tooMany() {
    return new TooManyRequests(
        "This credential already has the maximum number of searches under way. Wait for one of"
            + " them, or try again in "
            + RETRY_AFTER.toSeconds()
            + " second.",
        RETRY_AFTER.toSeconds());
  }

  private static Unavailable unavailable(String what) {
    return new Unavailable(what, RETRY_AFTER);
  }
}
