package io.carechat.contracttests.faults;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Calculations with measured times. */
final class Measured {
  private Measured() {}

  /** The time that this percentage of all times do not exceed; zero if there are none. */
  static Duration percentile(double percent, Collection<Duration> times) {
    List<Duration> sorted = times.stream().sorted().toList();
    return sorted.isEmpty()
        ? Duration.ZERO
        : sorted.get((int) Math.min(sorted.size() - 1L, (long) (sorted.size() * percent / 100)));
  }

  /** The time since a moment, which is a value of {@link System#nanoTime}. */
  static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  /** How many there are per second. */
  static double rate(long count, Duration time) {
    return count / (time.toNanos() / 1e9);
  }

  /** A time as text for people: {@code 1.2 s}. */
  static String text(Duration time) {
    return "%.1f s".formatted(time.toNanos() / 1e9);
  }
}
