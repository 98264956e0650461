package io.carechat.rest.http;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Limits how many requests are processed at once, in total and for each instance. So no instance
 * can use the share of the others. Safe for use by many threads.
 */
public final class SharedBulkhead {
  private final Bulkhead bulkhead;
  private final int maxPerInstance;
  private final Map<TenantInstance, Integer> inFlight = new ConcurrentHashMap<>();

  /**
   * @param requests how many requests may be processed at once in total
   * @param maxPerInstance how many requests may be processed at once for one instance
   */
  public SharedBulkhead(int requests, int maxPerInstance) {
    this.bulkhead = new Bulkhead(requests);
    this.maxPerInstance = maxPerInstance;
  }

  /**
   * Runs work at once, or refuses it.
   *
   * @throws Unavailable if the maximum number of requests is already being processed, in total or
   *     for the instance
   */
  public <T> T run(TenantInstance instance, Supplier<T> work) {
    if (inFlight.merge(instance, 1, Integer::sum) > maxPerInstance) {
      release(instance);
      throw new Unavailable(
          "the instance has reached its maximum number of concurrent requests",
          Duration.ofSeconds(1));
    }
    try {
      return bulkhead.run(work);
    } finally {
      release(instance);
    }
  }

  private void release(TenantInstance instance) {
    inFlight.computeIfPresent(instance, (_, count) -> count == 1 ? null : count - 1);
  }
}
