package io.carechat.rest.events;

import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.http.RequestRejected;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Limits how many callers wait for events at once: in total, for each instance and for each
 * credential. These are streams, and requests that are held back until there is an event. Safe for
 * use by many threads.
 */
final class StreamPermits {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  private final StreamLimits limits;
  private final Semaphore available;
  private final Map<String, Integer> byCredential = new ConcurrentHashMap<>();
  private final Map<TenantInstance, Integer> byInstance = new ConcurrentHashMap<>();

  StreamPermits(StreamLimits limits) {
    this.limits = limits;
    this.available = new Semaphore(limits.open());
  }

  /** The permission to wait. It must be closed when the caller no longer waits. */
  final class Permit implements AutoCloseable {
    private final Caller caller;

    private Permit(Caller caller) {
      this.caller = caller;
    }

    @Override
    public void close() {
      release(byCredential, caller.credentialId());
      release(byInstance, caller.instance());
      available.release();
    }
  }

  /**
   * Acquires a permit.
   *
   * @throws RequestRejected.TooManyRequests if the credential has as many permits as it may have
   * @throws Unavailable if the instance has as many permits as it may have, or none is available
   */
  Permit acquire(Caller caller) {
    int perCredential =
        caller instanceof Caller.PatientUser
            ? Math.min(limits.perPatient(), limits.perCredential())
            : limits.perCredential();
    if (!take(byCredential, caller.credentialId(), perCredential)) {
      long seconds = RETRY_AFTER.toSeconds();
      throw new RequestRejected.TooManyRequests(
          "This credential already has the maximum number of open streams and waiting requests ("
              + perCredential
              + "). End one, or try again in "
              + seconds
              + " seconds.",
          seconds);
    }
    if (!take(byInstance, caller.instance(), limits.perInstance())) {
      release(byCredential, caller.credentialId());
      throw new Unavailable("as many callers of the instance as allowed wait", RETRY_AFTER);
    }
    if (!available.tryAcquire()) {
      release(byCredential, caller.credentialId());
      release(byInstance, caller.instance());
      throw new Unavailable("as many callers as allowed wait for events", RETRY_AFTER);
    }
    return new Permit(caller);
  }

  private static <K> boolean take(Map<K, Integer> counts, K key, int max) {
    if (counts.merge(key, 1, Integer::sum) <= max) {
      return true;
    }
    release(counts, key);
    return false;
  }

  private static <K> void release(Map<K, Integer> counts, K key) {
    counts.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
  }
}
