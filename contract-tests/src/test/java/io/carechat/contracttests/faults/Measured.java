package io.carechat.contracttests.faults;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Times that were measured. */
final class Measured {
  private Measured() {}

  /** The time that so many percent of all stay below; zero if there is none. */
  static Duration percentile(double percent, Collection<Duration> times) {
    List<Duration> sorted = times.stream().sorted().toList();
    return sorted.isEmpty()
        ? Duration.ZERO
        : sorted.get((int) Math.min(sorted.size() - 1L, (long) (sorted.size() * percent / 100)));
  }

  /** Since then, as {@link System#nanoTime} tells it. */
  static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  /** How many there are in a second. */
  static double rate(long count, Duration time) {
    return count / (time.toNanos() / 1e9);
  }

  /** For people: {@code 1.2 s}. */
  static String text(Duration time) {
    return "%.1f s".formatted(time.toNanos() / 1e9);
  }
}
