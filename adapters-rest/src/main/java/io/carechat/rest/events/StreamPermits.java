package io.carechat.rest.events;

import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.http.RequestRejected;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Limits how many callers wait for events at once. These are streams, and requests that are held
 * back until there is an event. Safe for use by many threads.
 */
final class StreamPermits {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  private final int perCredential;
  private final Semaphore available;
  private final Map<String, Integer> byCredential = new ConcurrentHashMap<>();

  StreamPermits(StreamLimits limits) {
    this.perCredential = limits.perCredential();
    this.available = new Semaphore(limits.open());
  }

  /** The permission to wait. It must be closed when the caller no longer waits. */
  final class Permit implements AutoCloseable {
    private final String credentialId;

    private Permit(String credentialId) {
      this.credentialId = credentialId;
    }

    @Override
    public void close() {
      release(credentialId);
      available.release();
    }
  }

  /**
   * Acquires a permit.
   *
   * @throws RequestRejected.TooManyRequests if the credential has as many permits as it may have
   * @throws Unavailable if no permit is available
   */
  Permit acquire(String credentialId) {
    if (byCredential.merge(credentialId, 1, Integer::sum) > perCredential) {
      release(credentialId);
      long seconds = RETRY_AFTER.toSeconds();
      throw new RequestRejected.TooManyRequests(
          "This credential already has the maximum number of open streams and waiting requests ("
              + perCredential
              + "). End one, or try again in "
              + seconds
              + " seconds.",
          seconds);
    }
    if (!available.tryAcquire()) {
      release(credentialId);
      throw new Unavailable("as many callers as allowed wait for events", RETRY_AFTER);
    }
    return new Permit(credentialId);
  }

  private void release(String credentialId) {
    byCredential.computeIfPresent(credentialId, (_, count) -> count == 1 ? null : count - 1);
  }
}
