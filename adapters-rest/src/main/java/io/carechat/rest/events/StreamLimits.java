package io.carechat.rest.events;

import io.carechat.rest.http.ConcurrencyLimits;
import java.time.Duration;

/**
 * Limits callers that wait for events. These are streams, and requests that are held back until
 * there is an event. Both count together.
 *
 * @param open the maximum number of such callers; further callers get status 503
 * @param perInstance the maximum number for one instance; further callers get status 503
 * @param perCredential the maximum number for one credential; further callers get status 429
 * @param perPatient the maximum number for one patient, who has a few devices at most; further
 *     callers get status 429
 * @param heartbeat how long a stream may be silent; then a comment is sent
 * @param stalled how long a caller may read nothing of what is written; then its connection is
 *     closed
 * @param recheck how often the credential of an open stream is checked again
 */
public record StreamLimits(
    int open,
    int perInstance,
    int perCredential,
    int perPatient,
    Duration heartbeat,
    Duration stalled,
    Duration recheck) {

  /** The defaults for a service that has a machine of its own. */
  public static final StreamLimits DEFAULT =
      new StreamLimits(
          8_192,
          2_048,
          1_024,
          16,
          Duration.ofSeconds(15),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60));

  /**
   * @throws IllegalArgumentException if a number or a duration is not positive
   */
  public StreamLimits {
    if (open < 1 || perInstance < 1 || perCredential < 1 || perPatient < 1) {
      throw new IllegalArgumentException("at least one stream");
    }
    for (Duration duration : new Duration[] {heartbeat, stalled, recheck}) {
      if (!duration.isPositive()) {
        throw new IllegalArgumentException("durations must be positive");
      }
    }
  }

  /**
   * Returns the numbers for a {@link io.carechat.rest.http.Bulkhead}. Nobody waits for a permit.
   */
  public ConcurrencyLimits concurrency() {
    return new ConcurrencyLimits(
        open, perInstance, perCredential, perPatient, 0, Duration.ZERO, Duration.ofSeconds(10));
  }
}
