package io.carechat.rest.events;
import java.time.Duration;

/**
 * How many callers may wait for events, and for how long: streams, and requests that are held back
 * until there is an event. They count together.
 *
 * @param open how many there may be at once; further ones get 503
 * @param perCredential how many of these a credential may have; further ones get 429
 * @param heartbeat how long a stream may be silent; then it gets a comment
 * @param stalled how long a reader may take nothing of what is written to it; then its connection
 *     is closed
 * @param recheck how often the credential of an open stream is looked at again
 */
public record StreamLimits(
    int open, int perCredential, Duration heartbeat, Duration stalled, Duration recheck) {

  /** For a service on a machine of its own. */
  public static final StreamLimits DEFAULT =
      new StreamLimits(
          8_192, 1_024, Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(60));

  /**
   * @throws IllegalArgumentException if a number or a duration is not positive
   */
  public StreamLimits {
    if (open < 1 || perCredential < 1) {
      throw new IllegalArgumentException("at least one stream");
    }
    for (Duration duration : new Duration[] {heartbeat, stalled, recheck}) {
      if (!duration.isPositive()) {
        throw new IllegalArgumentException("durations must be positive");
      }
    }
  }
}
