package io.carechat.rest.http;

import java.time.Duration;

/**
 * How often callers may call. Each limit is a token bucket with {@code requests} tokens that
 * refills evenly. All tokens may be used at once. A bucket that is empty is full again after the
 * window.
 *
 * @param perGroup the limit of each credential in each of the contract's groups of operations
 * @param failures the limit of requests that fail because they have no valid credential, for each
 *     address that they come from
 * @param withoutCredential the limit of all requests without a valid credential, for each address
 *     that they come from
 */
public record RateLimits(Limit perGroup, Limit failures, Limit withoutCredential) {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** 6,000 requests a minute in each group, 300 failures a minute, and 6,000 without credential. */
  public static final RateLimits DEFAULT =
      new RateLimits(new Limit(6_000, MINUTE), new Limit(300, MINUTE), new Limit(6_000, MINUTE));

  /** Makes limits with the default for requests without a valid credential. */
  public RateLimits(Limit perGroup, Limit failures) {
    this(perGroup, failures, DEFAULT.withoutCredential());
  }

  /**
   * One limit.
   *
   * @param requests the number of tokens, 1 or more
   * @param window the time in which an empty bucket refills, in whole seconds, at least one second
   */
  public record Limit(int requests, Duration window) {
    /**
     * @throws IllegalArgumentException if a value is out of bounds
     */
    public Limit {
      if (requests < 1) {
        throw new IllegalArgumentException("a limit allows at least one request");
      }
      if (!window.isPositive() || !window.equals(Duration.ofSeconds(window.toSeconds()))) {
        throw new IllegalArgumentException("a limit's window has whole seconds, at least one");
      }
    }
  }
}
