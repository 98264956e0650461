package io.carechat.rest.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.carechat.rest.http.RateLimits.Limit;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;

/**
 * A token bucket for each key. A bucket that was not used for the limit's whole window is full
 * again, so it is removed: a new bucket gives the same result. If there are too many keys within a
 * window, the buckets that are used least are removed too, and start full again. Safe for use by
 * many threads.
 */
final class TokenBuckets<K> {
  private final Limit limit;
  private final TimeMeter time;
  private final Cache<K, Bucket> buckets;

  /**
   * @param limit the limit of each key
   * @param time the clock for the buckets and their removal
   * @param max the maximum number of buckets that are kept, 1 or more
   */
  TokenBuckets(Limit limit, TimeMeter time, int max) {
    this.limit = limit;
    this.time = time;
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(max)
            .expireAfterAccess(limit.window())
            .ticker(time::currentTimeNanos)
            // Removal is quick. On the caller's thread it cannot fall behind.
            .executor(Runnable::run)
            .build();
  }

  /**
   * Takes a token if there is one. The result says how many tokens are left and when there will be
   * more.
   */
  ConsumptionProbe take(K key) {
    return buckets.get(key, _ -> full()).tryConsumeAndReturnRemaining(1);
  }

  /** Gives a token back that was taken for a request that then was not carried out. */
  void giveBack(K key) {
    Bucket bucket = buckets.getIfPresent(key);
    if (bucket != null) {
      bucket.addTokens(1);
    }
  }

  /** Returns how many buckets are kept now. */
  int size() {
    buckets.cleanUp();
    return Math.toIntExact(buckets.estimatedSize());
  }

  private Bucket full() {
    return Bucket.builder()
        .addLimit(bandwidth ->
            bandwidth.capacity(limit.requests()).refillGreedy(limit.requests(), limit.window()))
        .withCustomTimePrecision(time)
        .build();
  }
}
