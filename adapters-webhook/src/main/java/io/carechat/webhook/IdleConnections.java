package io.carechat.webhook;
import io.carechat.webhook.Connection.Origin;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections that wait for the next delivery to the same place, for a short time. Each leads to an
 * address that was checked when it was made, so a name that changes its address changes nothing for
 * it. Safe for use by many threads.
 */
final class IdleConnections {
  static final int MOST_OF_ONE_ORIGIN = 64;
  static final int MOST = 1_000;
  static final long LONGEST_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long SWEEP_NANOS = Duration.ofSeconds(1).toNanos();

  private record Idle(Connection connection, long sinceNanos) {
    boolean isOver(long nowNanos) {
      return nowNanos - sinceNanos > LONGEST_NANOS;
    }
  }

  private final LongSupplier nanoTime;
  private final Map<Origin, Deque<Idle>> byOrigin = new HashMap<>();
  private int size;
  private long sweptNanos;
  private boolean closed;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  IdleConnections(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.sweptNanos = nanoTime.getAsLong();
  }

  /** Takes one, the last that was given; null if there is none. */
  synchronized @Nullable Connection take(Origin origin) {
    sweep();
    Deque<Idle> idle = byOrigin.get(origin);
    if (idle == null) {
      return null;
    }
    Idle last = idle.removeLast();
    size--;
    if (idle.isEmpty()) {
      byOrigin.remove(origin);
    }
    if (last.isOver(nanoTime.getAsLong())) {
      last.connection().close();
      return null;
    }
    return last.connection();
  }

  /** Gives one back, or closes it if there are enough. */
  synchronized void give(Origin origin, Connection connection) {
    sweep();
    Deque<Idle> idle = byOrigin.get(origin);
    if (closed || size >= MOST || (idle != null && idle.size() >= MOST_OF_ONE_ORIGIN)) {
      connection.close();
      return;
    }
    byOrigin
        .computeIfAbsent(origin, key -> new ArrayDeque<>())
        .addLast(new Idle(connection, nanoTime.getAsLong()));
    size++;
  }

  /** Closes them all, and whatever is given later. */
  synchronized void close() {
    closed = true;
    byOrigin.values().stream().flatMap(Deque::stream).forEach(idle -> idle.connection().close());
    byOrigin.clear();
    size = 0;
  }

  private void sweep() {
    long now = nanoTime.getAsLong();
    if (now - sweptNanos < SWEEP_NANOS) {
      return;
    }
    sweptNanos = now;
    Iterator<Deque<Idle>> origins = byOrigin.values().iterator();
    while (origins.hasNext()) {
      Deque<Idle> idle = origins.next();
      while (!idle.isEmpty() && idle.getFirst().isOver(now)) {
        idle.removeFirst().connection().close();
        size--;
      }
      if (idle.isEmpty()) {
        origins.remove();
      }
    }
  }
}
