package io.carechat.rest.http;
import io.carechat.rest.http.RateLimits.Limit;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket for each key. Only the most recently used buckets are kept. The bucket of a key that was evicted starts full. Safe for use by many
 * threads.
 */
final class TokenBuckets<K> {
  private final Limit limit;
  private final TimeMeter time;
  private final Map<K, Bucket> recent;

  /**
   * @param limit the limit of each key
   * @param time the clock
   * @param maxBuckets how many buckets are kept
   */
  TokenBuckets(Limit limit, TimeMeter time, int maxBuckets) {
    this.limit = limit;
    this.time = time;
    this.recent =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Bucket> eldest) {
            return size() > maxBuckets;
          }
        };
  }

  /**
   * Takes a token if there is one. The result says how many tokens are left and when there will be more.
   */
  ConsumptionProbe take(K key) {
    Bucket bucket;
    synchronized (recent) {
      bucket = recent.computeIfAbsent(key, _ -> full());
    }
    return bucket.tryConsumeAndReturnRemaining(1);
  }

  /**
   * Returns how many buckets are kept now.
   */
  int size() {
    synchronized (recent) {
      return recent.size();
    }
  }

  private Bucket full() {
    return Bucket.builder()
        .addLimit(bandwidth ->
            bandwidth.capacity(limit.requests()).refillGreedy(limit.requests(), limit.window()))
        .withCustomTimePrecision(time)
        .build();
  }
}
