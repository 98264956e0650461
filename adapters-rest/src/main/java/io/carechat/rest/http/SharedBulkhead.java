package io.carechat.rest.http;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Limits how many requests are carried out at once, and how many of them are of one instance, so that
 * no instance takes the share of others. Safe for use by many threads.
 */
public final class SharedBulkhead {
  private final Bulkhead all;
  private final int each;
  private final Map<TenantInstance, Integer> taken = new ConcurrentHashMap<>();

  /**
   * @param requests how many may be carried out at once
   * @param each how many of them for one instance
   */
  public SharedBulkhead(int requests, int each) {
    this.all = new Bulkhead(requests);
    this.each = each;
  }

  /**
   * Runs some work now, or not at all.
   *
   * @throws Unavailable if as many requests as allowed are being carried out, of all or of the
   *     instance
   */
  public <T> T run(TenantInstance instance, Supplier<T> work) {
    if (taken.merge(instance, 1, Integer::sum) > each) {
      release(instance);
      throw new Unavailable(
          "the instance has as many requests under way as allowed", Duration.ofSeconds(1));
    }
    try {
      return all.run(work);
    } finally {
      release(instance);
    }
  }

  private void release(TenantInstance instance) {
    taken.computeIfPresent(instance, (_, count) -> count == 1 ? null : count - 1);
  }
}
