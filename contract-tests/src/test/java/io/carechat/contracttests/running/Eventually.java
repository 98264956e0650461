package io.carechat.contracttests.running;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Waits for something that happens by itself. It checks again and again, until the condition holds
 * or the time is over.
 */
public final class Eventually {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Eventually() {}

  /**
   * Returns the first value that meets the condition.
   *
   * @throws AssertionError with the last value, if no value met the condition in time
   */
  public static <T> T get(Duration within, Supplier<T> value, Predicate<? super T> wanted) {
    long end = System.nanoTime() + within.toNanos();
    while (true) {
      T now = value.get();
      if (wanted.test(now)) {
        return now;
      }
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("Not within " + within + "; the last was: " + now);
      }
      pause(PAUSE);
    }
  }

  /** Waits for a moment between two checks. */
  public static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }
}
