package io.carechat.rest.http;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Limits how many requests are carried out at once. Safe for use by many threads. */
public final class Bulkhead {
  private final Semaphore instances;

  /**
   * @param requests how many may be carried out at once
   */
  public Bulkhead(int requests) {
    this.instances = new Semaphore(requests);
  }

  /**
   * Runs some work now, or not at all. There is no queue: what waits in one is too late when its
   * turn comes.
   *
   * @throws Unavailable if as many requests as allowed are being carried out
   */
  public <T> T run(Supplier<T> work) {
    if (!instances.tryAcquire()) {
      throw new Unavailable("as many requests as allowed are under way", Duration.ofSeconds(1));
    }
    try {
      return work.get();
    } finally {
      instances.release();
    }
  }
}
