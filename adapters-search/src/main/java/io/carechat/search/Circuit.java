package io.carechat.search;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Remembers that something is away, so that not every caller waits for its time-out. After a
 * failure nobody is let through for a pause; then one at a time, a pause apart, until one of them
 * works. Safe for use by many threads.
 */
final class Circuit {
  private static final long CLOSED = Long.MIN_VALUE;

  private final long pause;
  private final LongSupplier nanoTime;
  private final AtomicLong openUntil = new AtomicLong(CLOSED);

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  Circuit(Duration pause, LongSupplier nanoTime) {
    this.pause = pause.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Whether the caller may try; it then has to say how it went. */
  boolean letsThrough() {
    long until = openUntil.get();
    if (until == CLOSED) {
      return true;
    }
    long now = nanoTime.getAsLong();
    return now - until >= 0 && openUntil.compareAndSet(until, now + pause);
  }

  void worked() {
    // Reading costs nothing where it is closed already, which is nearly always.
    if (openUntil.get() != CLOSED) {
      openUntil.set(CLOSED);
    }
  }

  void failed() {
    openUntil.set(nanoTime.getAsLong() + pause);
  }
}
