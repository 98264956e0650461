package io.carechat.rest;

import io.carechat.domain.TenantInstance;
import io.carechat.domain.Unavailable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Room for so many requests at once, of which no instance may take more than its part: what one
 * keeps waiting is not the others' concern. Safe for use by many threads.
 */
final class SharedRoom {
  private final Room all;
  private final int each;
  private final Map<TenantInstance, Integer> taken = new ConcurrentHashMap<>();

  /**
   * @param requests how many may be carried out at once
   * @param each how many of them for one instance
   */
  SharedRoom(int requests, int each) {
    this.all = new Room(requests);
    this.each = each;
  }

  /**
   * Does it now, or not at all.
   *
   * @throws Unavailable if there is no room, or the instance has its part
   */
  <T> T with(TenantInstance place, Supplier<T> work) {
    if (taken.merge(place, 1, Integer::sum) > each) {
      leave(place);
      throw new Unavailable(
          "the instance has as many requests under way as allowed", Duration.ofSeconds(1));
    }
    try {
      return all.with(work);
    } finally {
      leave(place);
    }
  }

  private void leave(TenantInstance place) {
    taken.computeIfPresent(place, (_, count) -> count == 1 ? null : count - 1);
  }
}
