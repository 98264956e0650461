package io.carechat.domain.feeds;

import io.carechat.domain.events.LogPosition;
import java.util.List;

/**
 * The positions that the event log may have given to readers. Immutable.
 *
 * @param bound a position that is after every position that was ever given to a reader, and after
 *     every event that is committed or is being committed now. An event that is logged later may be
 *     after it.
 * @param lost what an earlier log had, before the database was replaced by an older copy
 */
public record KnownPositions(LogPosition bound, List<Lost> lost) {
  /** Copies the list. */
  public KnownPositions {
    lost = List.copyOf(lost);
  }

  /**
   * A part of the log that is lost. The positions in it were given by a log that an older copy has
   * replaced, or were never given.
   *
   * @param lastKept the number of the last transaction that the older copy has
   * @param next the first number of a transaction after the replacement
   */
  public record Lost(long lastKept, long next) {
    boolean contains(LogPosition position) {
      return Long.compareUnsigned(position.transaction(), lastKept) > 0
          && Long.compareUnsigned(position.transaction(), next) < 0;
    }
  }

  /** Returns whether the log, as it is now, may have given this position to a reader. */
  boolean contain(LogPosition position) {
    return position.compareTo(bound) < 0
        && lost.stream().noneMatch(part -> part.contains(position));
  }
}
