package io.carechat.persistence.jdbc;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.select;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jooq.Field;
import org.jooq.impl.SQLDataType;

/**
 * The time of PostgreSQL's machine, which all nodes share, whatever their own clocks say. It is
 * read now and then. In between, the time since the last reading is counted, so that changes of the
 * node's clock have no effect. Accurate to some milliseconds. Safe for use by many threads.
 */
public final class ServerClock implements InstantSource {
  private static final Field<Instant> NOW = field("clock_timestamp()", SQLDataType.INSTANT);
  private static final SqlStatement READ = SqlStatement.of(select(NOW));
  private static final Column<Instant> TIME = READ.column(NOW);

  private final Connections connections;
  private final LongSupplier nanoTime;
  private volatile Reading last;

  private record Reading(Instant time, long nanos) {}

  /**
   * Reads it.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public ServerClock(Connections connections, LongSupplier nanoTime) {
    this.connections = connections;
    this.nanoTime = nanoTime;
    this.last = read();
  }

  /** Reads it again. */
  public void refresh() {
    last = read();
  }

  private Reading read() {
    long before = nanoTime.getAsLong();
    Instant time = connections.read(READ.bind(), TIME::get).getFirst();
    // PostgreSQL read its clock at some moment between the two.
    return new Reading(time, before + (nanoTime.getAsLong() - before) / 2);
  }

  @Override
  public Instant instant() {
    Reading reading = last;
    return reading.time.plusNanos(nanoTime.getAsLong() - reading.nanos);
  }
}
