package io.carechat.rest.events;

import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.http.RequestRejected;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Limits how many callers wait for events at once: streams, and requests that are held back until
 * there is an event. Safe for use by many threads.
 */
final class StreamPermits {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  private final int perCredential;
  private final Semaphore free;
  private final Map<String, Integer> byCredential = new ConcurrentHashMap<>();

  StreamPermits(StreamLimits limits) {
    this.perCredential = limits.perCredential();
    this.free = new Semaphore(limits.open());
  }

  /** One more caller waits, until this is closed. */
  final class Permit implements AutoCloseable {
    private final String credentialId;

    private Permit(String credentialId) {
      this.credentialId = credentialId;
    }

    @Override
    public void close() {
      release(credentialId);
      free.release();
    }
  }

  /**
   * Lets one more caller wait.
   *
   * @throws RequestRejected.TooManyRequests if the credential has as many permits as it may
   * @throws Unavailable if all permits are taken
   */
  Permit acquire(String credentialId) {
    if (byCredential.merge(credentialId, 1, Integer::sum) > perCredential) {
      release(credentialId);
      long seconds = RETRY_AFTER.toSeconds();
      throw new RequestRejected.TooManyRequests(
          "This credential has "
              + perCredential
              + " streams and waiting requests open, which is as many as it may have. Close one, or"
              + " try again in "
              + seconds
              + " seconds.",
          seconds);
    }
    if (!free.tryAcquire()) {
      release(credentialId);
      throw new Unavailable("as many callers as allowed wait for events", RETRY_AFTER);
    }
    return new Permit(credentialId);
  }

  private void release(String credentialId) {
    byCredential.computeIfPresent(credentialId, (_, count) -> count == 1 ? null : count - 1);
  }
}
