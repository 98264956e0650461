package io.carechat.rest.connections;

import java.time.Duration;

/**
 * The limits of the server. They prevent that one caller uses up its resources.
 *
 * @param connections the maximum number of open connections, without those of streams; further
 *     connections wait to be accepted
 * @param requests the maximum number of requests that the domain processes at once. One instance
 *     may have three quarters of them, one credential half of them, and one patient a 32nd. Further
 *     requests get status 503, or 429 if their credential has its share.
 * @param firstRequest how long a new connection may take until the headers of its first request
 *     have been received
 * @param exchange how long a request may take from its headers to the end of its response; after
 *     that the connection is closed
 * @param idle how long a connection may take from one response until the headers of the next
 *     request have been received
 * @param drain how long a closing server continues to accept and answer requests, as long as new
 *     ones keep coming. Meanwhile, callers are told to close their connections.
 * @param stop how long it then waits for requests in flight
 * @param connectionsPerAddress the maximum number of open connections from one address; further
 *     ones are closed at once. Trusted proxies may have any number.
 * @param memory how much memory all exchanges together may hold, in bytes, as {@link
 *     ExchangeMemory} counts it
 */
public record ServerLimits(
    int connections,
    int requests,
    Duration firstRequest,
    Duration exchange,
    Duration idle,
    Duration drain,
    Duration stop,
    int connectionsPerAddress,
    long memory) {
  private static final int CONNECTIONS_PER_ADDRESS = 3_072;
  private static final long MEMORY = Runtime.getRuntime().maxMemory() / 8;

  /** The defaults for a service that has a machine of its own. */
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
    if (connections < 1 || requests < 1 || connectionsPerAddress < 1) {
      throw new IllegalArgumentException("at least one connection and one request");
    }
    if (memory < ExchangeMemory.BASE) {
      throw new IllegalArgumentException("memory for at least one exchange");
    }
    for (Duration duration : new Duration[] {firstRequest, exchange, idle, drain, stop}) {
      if (!duration.isPositive()) {
        throw new IllegalArgumentException("durations must be positive");
      }
    }
  }

  /** Makes limits with the default share of an address, and an eighth of the heap for exchanges. */
  public ServerLimits(
      int connections,
      int requests,
      Duration firstRequest,
      Duration exchange,
      Duration idle,
      Duration drain,
      Duration stop) {
    this(
        connections,
        requests,
        firstRequest,
        exchange,
        idle,
        drain,
        stop,
        CONNECTIONS_PER_ADDRESS,
        MEMORY);
  }

  /** Returns a copy with another maximum number of connections, in total and for one address. */
  public ServerLimits withConnections(int total, int perAddress) {
    return new ServerLimits(
        total, requests, firstRequest, exchange, idle, drain, stop, perAddress, memory);
  }

  /** Returns a copy with another bound for the memory of exchanges. */
  public ServerLimits withMemory(long bytes) {
    return new ServerLimits(
        connections,
        requests,
        firstRequest,
        exchange,
        idle,
        drain,
        stop,
        connectionsPerAddress,
        bytes);
  }
}
