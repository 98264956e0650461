package io.carechat.domain.paging;

import java.time.Instant;

/**
 * The times that the contract's format can print, in whole milliseconds. The format is RFC 3339,
 * whose years have four digits.
 */
public final class PrintableTimes implements Neighbours<Instant> {
  /** The earliest printable time. */
  public static final Instant EARLIEST = Instant.parse("0000-01-01T00:00:00.000Z");

  /** The latest printable time. */
  public static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  /** The neighbours of the keys of lists that are ordered by time alone. */
  public static final Neighbours<Instant> NEIGHBOURS = new PrintableTimes();

  private PrintableTimes() {}

  /** Returns whether a time can be printed. */
  public static boolean contains(Instant time) {
    return !time.isBefore(EARLIEST) && !time.isAfter(LATEST);
  }

  @Override
  public Instant start() {
    return Instant.EPOCH;
  }

  @Override
  public Instant previous(Instant time) {
    return time.isAfter(EARLIEST) ? time.minusMillis(1) : EARLIEST;
  }

  @Override
  public Instant next(Instant time) {
    return time.isBefore(LATEST) ? time.plusMillis(1) : LATEST;
  }
}
