package io.carechat.search;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Remembers that a service is unavailable, so that not every caller has to wait for its timeout.
 * After a failure, no caller is let through for a pause. After that, one caller is let through for
 * each pause, until one of them succeeds. Safe for use by many threads.
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

  /**
   * Whether the caller may try. If so, the caller reports afterwards whether the service worked or
   * was unavailable. It reports nothing if it learned neither.
   */
  boolean letsThrough() {
    long until = openUntil.get();
    if (until == CLOSED) {
      return true;
    }
    long now = nanoTime.getAsLong();
    return now - until >= 0 && openUntil.compareAndSet(until, now + pause);
  }

  void worked() {
    // The circuit is nearly always closed already, and a read is cheaper than a write.
    if (openUntil.get() != CLOSED) {
      openUntil.set(CLOSED);
    }
  }

  void failed() {
    openUntil.set(nanoTime.getAsLong() + pause);
  }
}
