package io.carechat.rest.http;
import java.time.Duration;

/**
 * How often callers may ask. A limit is a bucket of {@code requests} tokens that fills evenly: all
 * of them may be used at once, and are there again after the window.
 *
 * @param perGroup for each credential, in each of the contract's groups of operations
 * @param failures for requests that bring no valid credential, for each address that they come from
 */
public record RateLimits(Limit perGroup, Limit failures) {
  /** 600 requests a minute of each group, 300 failures a minute. */
  public static final RateLimits DEFAULT =
      new RateLimits(new Limit(600, Duration.ofMinutes(1)), new Limit(300, Duration.ofMinutes(1)));

  /**
   * One limit.
   *
   * @param requests 1 or more
   * @param window at least one second, in whole seconds
   */
  public record Limit(int requests, Duration window) {
    /**
     * @throws IllegalArgumentException if either is out of bounds
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
