package io.carechat.rest.http;
import io.carechat.rest.ChatApi;
import java.time.Duration;

/**
 * What the server bears at most, so that no caller can use it up.
 *
 * @param connections open at once; further ones wait to be accepted
 * @param requests carried out at once by the domain; further ones get 503
 * @param firstRequest how long a new connection may take until its first request's headers are in
 * @param exchange how long a request may take from its headers to the end of its answer; then its
 *     connection is closed
 * @param idle how long a connection may take from one answer until the next request's headers are
 *     in
 * @param drain how long {@link ChatApi#close} goes on answering before it stops listening, for as
 *     long as requests keep coming: callers are told meanwhile to close their connections
 * @param stop how long {@link ChatApi#close} waits for requests in flight after that
 */
public record ServerLimits(
    int connections,
    int requests,
    Duration firstRequest,
    Duration exchange,
    Duration idle,
    Duration drain,
    Duration stop) {

  /** For a service on a machine of its own. */
  public static final ServerLimits DEFAULT =
      new ServerLimits(
          4_096,
          1_024,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(75),
          Duration.ofSeconds(2),
          Duration.ofSeconds(8));

  /**
   * @throws IllegalArgumentException if a number or a duration is not positive
   */
  public ServerLimits {
    if (connections < 1 || requests < 1) {
      throw new IllegalArgumentException("at least one connection and one request");
    }
    for (Duration duration : new Duration[] {firstRequest, exchange, idle, drain, stop}) {
      if (!duration.isPositive()) {
        throw new IllegalArgumentException("durations must be positive");
      }
    }
  }
}
