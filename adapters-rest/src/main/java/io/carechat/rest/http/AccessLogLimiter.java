package io.carechat.rest.http;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.LongSupplier;

/**
 * Bounds the lines of the access log that a caller can cause without a valid credential, or above
 * its rate limit. Otherwise a caller could fill the disk. Lines above {@value #MAX_PER_SECOND} in a
 * second are left out, and the next line says how many. Safe for use by many threads.
 */
final class AccessLogLimiter {
  static final int MAX_PER_SECOND = 200;

  private static final Logger LOG = System.getLogger("io.carechat.access");
  private static final long SECOND = 1_000_000_000;

  private final LongSupplier nanoTime;
  private long second;
  private int lines;
  private long leftOut;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  AccessLogLimiter(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.second = nanoTime.getAsLong();
  }

  /** Returns whether to write another line. */
  synchronized boolean admits() {
    long now = nanoTime.getAsLong();
    if (now - second >= SECOND) {
      if (leftOut > 0) {
        long count = leftOut;
        LOG.log(Level.INFO, () -> "left-out=" + count);
      }
      second = now;
      lines = 0;
      leftOut = 0;
    }
    if (lines == MAX_PER_SECOND) {
      leftOut++;
      return false;
    }
    lines++;
    return true;
  }
}
