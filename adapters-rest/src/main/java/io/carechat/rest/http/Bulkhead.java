package io.carechat.rest.http;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.FairShares;
import io.carechat.domain.access.FairShares.Share;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.http.RequestRejected.TooManyRequests;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many requests of a kind are processed at once: in total, for each instance, and for
 * each credential. So no caller can use the share of the others. Safe for use by many threads.
 */
public final class Bulkhead {
  private final ConcurrencyLimits limits;
  private final String what;
  private final FairShares shares;

  /**
   * @param limits how many may be processed at once
   * @param what the requests, as a plural for texts, such as {@code searches}
   */
  public Bulkhead(ConcurrencyLimits limits, String what) {
    this.limits = limits;
    this.what = what;
    this.shares =
        new FairShares(limits.total(), limits.maxWait(), limits.waitingForEach(), System::nanoTime);
  }

  /** A permission that its holder must close exactly once. */
  public interface Permit extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Runs work once there is a permit for it.
   *
   * @param caller whose request it is
   * @throws TooManyRequests if the caller's credential has too many requests in progress
   * @throws Unavailable if the caller's instance, or the service, has too many requests in progress
   */
  public <T> T run(Caller caller, Supplier<T> work) {
    try (var _ = acquire(caller)) {
      return work.get();
    }
  }

  /**
   * Acquires a permit, for work that ends elsewhere. It throws what {@link #run} throws.
   *
   * @param caller whose request it is
   */
  public Permit acquire(Caller caller) {
    int perCredential =
        caller instanceof Caller.PatientUser
            ? Math.min(limits.perPatient(), limits.perCredential())
            : limits.perCredential();
    try {
      return shares.acquire(
              List.of(
                  new Share(caller.credentialId(), perCredential),
                  new Share(caller.instance(), limits.perInstance())))
          ::close;
    } catch (FairShares.Exhausted e) {
      throw refusal(e.share(), perCredential);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("the wait of one of the " + what + " was interrupted", retryAfter(), e);
    }
  }

  private RuntimeException refusal(@Nullable Share share, int max) {
    if (share == null) {
      return new Unavailable("too many " + what + " are in progress", retryAfter());
    }
    if (share.owner() instanceof TenantInstance) {
      return new Unavailable("the instance has too many " + what + " in progress", retryAfter());
    }
    long seconds = retryAfter().toSeconds();
    return new TooManyRequests(
        "This credential already has the maximum number of "
            + what
            + " ("
            + max
            + "). Wait until one of them has ended, or try again in "
            + seconds
            + (seconds == 1 ? " second." : " seconds."),
        seconds);
  }

  private Duration retryAfter() {
    return limits.retryAfter();
  }
}
