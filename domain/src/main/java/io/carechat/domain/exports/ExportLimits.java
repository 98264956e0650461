package io.carechat.domain.exports;

import java.time.Duration;

/**
 * How many exports there may be, and for how long they are kept.
 *
 * @param perInstance how many exports of an instance may wait, run or be kept at once, 1 or more
 * @param perCaller how many of these one caller may have asked for, 1 or more
 * @param kept how long a file is kept after it is complete
 */
public record ExportLimits(int perInstance, int perCaller, Duration kept) {
  /** Enough for most installations. */
  public static final ExportLimits DEFAULT = new ExportLimits(200, 5, Duration.ofHours(24));

  /**
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public ExportLimits {
    if (perInstance < 1 || perCaller < 1 || kept.toSeconds() < 1) {
      throw new IllegalArgumentException("at least one export, for at least a second");
    }
  }
}
