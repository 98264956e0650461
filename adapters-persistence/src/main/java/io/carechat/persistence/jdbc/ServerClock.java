package io.carechat.persistence.jdbc;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time of PostgreSQL's machine, which all nodes have in common however their own clocks go.
 * Between two looks at it the time since the last one is counted, so that a node's clock may be set
 * without anybody noticing. Right to some milliseconds. Safe for use by many threads.
 */
final class ServerClock implements InstantSource {
  private final Connections connections;
  private final LongSupplier nanoTime;
  private volatile Reading last;

  private record Reading(Instant time, long nanos) {}

  /**
   * Looks at it.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  ServerClock(Connections connections, LongSupplier nanoTime) {
    this.connections = connections;
    this.nanoTime = nanoTime;
    this.last = read();
  }

  /** Looks at it again. */
  void look() {
    last = read();
  }

  private Reading read() {
    long before = nanoTime.getAsLong();
    Instant time =
        connections
            .read("select clock_timestamp() as now", parameters -> {}, row -> Rows.time(row, "now"))
            .getFirst();
    // PostgreSQL looked at its clock at some moment between the two.
    return new Reading(time, before + (nanoTime.getAsLong() - before) / 2);
  }

  @Override
  public Instant instant() {
    Reading reading = last;
    return reading.time.plusNanos(nanoTime.getAsLong() - reading.nanos);
  }
}
