package io.carechat.contracttests.running;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Waits for what happens by itself: looks again and again, until it is so or it has taken too long.
 */
public final class Eventually {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Eventually() {}

  /**
   * The first value that is as wanted.
   *
   * @throws AssertionError with the last value if none was within the time
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

  /** A moment between one look and the next. */
  public static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }
}
