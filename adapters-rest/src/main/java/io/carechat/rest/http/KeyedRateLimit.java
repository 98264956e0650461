package io.carechat.rest.http;

import io.carechat.rest.http.RateLimits.Limit;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;

/**
 * A limit of one kind of request for each key, such as an instance, beside the limit of each
 * credential. Each node counts for itself. Safe for use by many threads.
 *
 * @param <K> the type of the keys
 */
public final class KeyedRateLimit<K> {
  private static final int MAX_KEYS = 100_000;

  private final TokenBuckets<K> buckets;
  private final String detail;

  /**
   * @param limit the limit of each key
   * @param detail what the limit is, as a sentence for the caller
   */
  public KeyedRateLimit(Limit limit, String detail) {
    this.buckets = new TokenBuckets<>(limit, TimeMeter.SYSTEM_NANOTIME, MAX_KEYS);
    this.detail = detail;
  }

  /**
   * Counts a request. Call this only once it is known that the credential allows the request.
   * Otherwise somebody who may not do it could use up the limit of those who may.
   *
   * @throws RequestRejected.TooManyRequests if the limit of the key is reached; it says when to try
   *     again
   */
  public void take(K key) {
    ConsumptionProbe probe = buckets.take(key);
    if (!probe.isConsumed()) {
      long seconds = Problems.retryAfter(Duration.ofNanos(probe.getNanosToWaitForRefill()));
      throw new RequestRejected.TooManyRequests(
          detail + " " + Problems.tryAgainIn(seconds), seconds);
    }
  }

  /** Does not count a request that was counted and then was not carried out. */
  public void giveBack(K key) {
    buckets.giveBack(key);
  }
}
