package io.carechat.rest.http;

import io.carechat.domain.access.Caller;
import io.carechat.rest.http.RequestRejected.TooManyRequests;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;

/**
 * Counts requests against the {@link RateLimits}. Safe for use by many threads.
 *
 * <p>Requests without a valid credential have a rate limit for each address that they come from. A
 * request with a valid credential is never refused because of the failures of its address. Behind a
 * proxy all callers have the same address, and one of them could lock out all others.
 */
public final class RateLimiter {
  private static final HeaderName POLICY = HeaderNames.create("RateLimit-Policy");
  private static final HeaderName STATE = HeaderNames.create("RateLimit");
  private static final int MAX_CREDENTIALS = 100_000;
  private static final int MAX_ADDRESSES = 10_000;

  private final RateLimits limits;
  private final TokenBuckets<LimitKey> requests;
  private final TokenBuckets<String> failures;
  private final TokenBuckets<String> withoutCredential;

  /** Identifies the limit of one credential in one group of operations. */
  private record LimitKey(String credentialId, String group) {}

  /**
   * @param limits how often callers may call
   * @param time the clock for the limits
   */
  public RateLimiter(RateLimits limits, TimeMeter time) {
    this.limits = limits;
    this.requests = new TokenBuckets<>(limits.perGroup(), time, MAX_CREDENTIALS);
    this.failures = new TokenBuckets<>(limits.failures(), time, MAX_ADDRESSES);
    this.withoutCredential = new TokenBuckets<>(limits.withoutCredential(), time, MAX_ADDRESSES);
  }

  /**
   * Counts a request of a caller, and sets the headers of draft-ietf-httpapi-ratelimit-headers-10.
   *
   * @param group the contract's group of the operation
   * @throws TooManyRequests if the caller's limit is reached
   */
  void countRequest(Caller caller, String group, ServerResponse response) {
    ConsumptionProbe probe = requests.take(new LimitKey(caller.credentialId(), group));
    RateLimits.Limit limit = limits.perGroup();
    long reset = seconds(probe.getNanosToWaitForReset());
    response
        .headers()
        .set(POLICY, item(group, "q", limit.requests(), "w", limit.window().toSeconds()))
        .set(STATE, item(group, "r", probe.getRemainingTokens(), "t", reset));
    if (!probe.isConsumed()) {
      throw new TooManyRequests(seconds(probe.getNanosToWaitForRefill()));
    }
  }

  /**
   * Counts a request whose credential is missing although it is needed, or is not valid.
   *
   * @param address where it came from
   * @throws TooManyRequests if the limit of that address is reached
   */
  void countFailure(String address) {
    take(failures, address);
  }

  /**
   * Counts a request that was carried out without a valid credential, such as those for health and
   * documentation.
   *
   * @param address where it came from
   * @throws TooManyRequests if the limit of that address is reached
   */
  void countWithoutCredential(String address) {
    take(withoutCredential, address);
  }

  private static void take(TokenBuckets<String> buckets, String address) {
    ConsumptionProbe probe = buckets.take(address);
    if (!probe.isConsumed()) {
      throw new TooManyRequests(seconds(probe.getNanosToWaitForRefill()));
    }
  }

  /** Writes a string with two parameters as an item of a structured field (RFC 9651). */
  private static String item(String name, String key, long value, String key2, long value2) {
    return "\"" + name + "\";" + key + "=" + value + ";" + key2 + "=" + value2;
  }

  /** Converts to whole seconds, rounded up, at least 1. */
  private static long seconds(long nanos) {
    return Math.max(1, Math.ceilDiv(nanos, 1_000_000_000L));
  }
}
