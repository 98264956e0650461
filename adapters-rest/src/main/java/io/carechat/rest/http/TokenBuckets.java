package io.carechat.rest.http;
import io.carechat.rest.http.RateLimits.Limit;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bucket of tokens for each key. Keeps the most recently used ones only; one that was forgotten
 * begins full. Safe for use by many threads.
 */
final class TokenBuckets<K> {
  private final Limit limit;
  private final TimeMeter time;
  private final Map<K, Bucket> recent;

  /**
   * @param kept how many buckets are kept
   */
  TokenBuckets(Limit limit, TimeMeter time, int kept) {
    this.limit = limit;
    this.time = time;
    this.recent =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Bucket> eldest) {
            return size() > kept;
          }
        };
  }

  /** Takes a token, if there is one, and tells how many are left and when there are more. */
  ConsumptionProbe take(K key) {
    Bucket bucket;
    synchronized (recent) {
      bucket = recent.computeIfAbsent(key, _ -> full());
    }
    return bucket.tryConsumeAndReturnRemaining(1);
  }

  /** How many buckets there are. */
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
