package io.carechat.rest.messages;

import io.carechat.rest.http.ConcurrencyLimits;
import java.time.Duration;

/**
 * How many searches may be under way at once. A search takes memory of the search engine, a
 * connection to the database and time of the processors. So nobody may have all of them: neither
 * one credential, nor all credentials of one instance.
 *
 * @param concurrent the maximum number of searches that run at once
 * @param perInstance how many of these may be of one instance. If this is less than {@code
 *     concurrent}, a busy instance leaves room for others.
 * @param perCredential how many of these may be of one credential of a partner or a member of the
 *     care team
 * @param perPatient how many of these may be of one credential of a patient, who has only one
 *     screen to look at
 * @param maxWait how long a search may wait until it may run. At each of the limits, {@value
 *     #WAITING_FOR_EACH} searches may wait for each one that may run.
 */
public record SearchLimits(
    int concurrent, int perInstance, int perCredential, int perPatient, Duration maxWait) {
  static final int WAITING_FOR_EACH = 7;

  /**
   * The limits for a machine with two processors: 16, of these 12 of one instance, 8 of one
   * credential and 2 of one patient. A search mostly waits for others, so more than two at once use
   * both processors. More than 16 would only take longer each. A search waits for up to 2 seconds.
   */
  public static final SearchLimits DEFAULT = new SearchLimits(16, 12, 8, 2, Duration.ofSeconds(2));

  /**
   * @throws IllegalArgumentException if a number is not positive, or the time is negative
   */
  public SearchLimits {
    if (concurrent < 1 || perInstance < 1 || perCredential < 1 || perPatient < 1) {
      throw new IllegalArgumentException("at least one search");
    }
    if (maxWait.isNegative()) {
      throw new IllegalArgumentException("the time to wait must not be negative");
    }
  }

  /** Returns the same limits for a {@link io.carechat.rest.http.Bulkhead}. */
  public ConcurrencyLimits concurrency() {
    return new ConcurrencyLimits(
        concurrent,
        perInstance,
        perCredential,
        perPatient,
        WAITING_FOR_EACH,
        maxWait,
        Duration.ofSeconds(1));
  }
}
