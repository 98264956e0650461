package io.carechat.rest.http;

import java.time.Duration;

/**
 * How many requests of a kind may be processed at once. What is above a limit may wait for a short
 * time, and is refused after that.
 *
 * @param total how many in total
 * @param perInstance how many of one instance; others get none if it is {@code total} or more
 * @param perCredential how many of one credential of a partner or a member of the care team
 * @param perPatient how many of one patient
 * @param waitingForEach how many may wait for each that may be processed, 0 or more
 * @param maxWait for how long one may wait
 * @param retryAfter when a caller that was refused should try again, in whole seconds, 1 or more
 */
public record ConcurrencyLimits(
    int total,
    int perInstance,
    int perCredential,
    int perPatient,
    int waitingForEach,
    Duration maxWait,
    Duration retryAfter) {
  /**
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public ConcurrencyLimits {
    if (total < 1 || perInstance < 1 || perCredential < 1 || perPatient < 1) {
      throw new IllegalArgumentException("at least one at once");
    }
    if (waitingForEach < 0 || maxWait.isNegative() || retryAfter.toSeconds() < 1) {
      throw new IllegalArgumentException("no negative waits, and at least a second to retry");
    }
  }

  /** Makes limits for which nobody waits. */
  public static ConcurrencyLimits withoutWaiting(
      int total, int perInstance, int perCredential, int perPatient) {
    return new ConcurrencyLimits(
        total, perInstance, perCredential, perPatient, 0, Duration.ZERO, Duration.ofSeconds(1));
  }

  /**
   * Makes the limits of ordinary requests, for which nobody waits. One instance may have three
   * quarters of them, one credential half of them, and one patient a 32nd.
   *
   * @param total how many may be processed at once
   */
  public static ConcurrencyLimits ofRequests(int total) {
    return withoutWaiting(
        total, Math.ceilDiv(total * 3, 4), Math.ceilDiv(total, 2), Math.ceilDiv(total, 32));
  }
}
