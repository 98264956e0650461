package io.carechat.rest.http;

import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Limits how many requests are processed at once. Safe for use by many threads. */
public final class Bulkhead {
  private final Semaphore permits;

  /**
   * @param requests how many requests may be processed at once
   */
  public Bulkhead(int requests) {
    this.permits = new Semaphore(requests);
  }

  /**
   * Runs work at once, or refuses it. There is no queue, because work that has waited in a queue is
   * often too late.
   *
   * @throws Unavailable if the maximum number of requests is already being processed
   */
  public <T> T run(Supplier<T> work) {
    if (!permits.tryAcquire()) {
      throw new Unavailable(
          "the maximum number of concurrent requests is reached", Duration.ofSeconds(1));
    }
    try {
      return work.get();
    } finally {
      permits.release();
    }
  }
}
