package io.carechat.rest.events;

import io.carechat.domain.events.LogPosition;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and writes positions in the event log in the contract's form: {@code transaction-number},
 * both in decimal.
 */
public final class EventIds {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,20})-([0-9]{1,19})");

  private EventIds() {}

  /** Writes a position. */
  public static String write(LogPosition position) {
    return Long.toUnsignedString(position.transaction()) + "-" + position.number();
  }

  /**
   * Reads a position. The result is empty if the text does not have the form or a number is too
   * large.
   */
  public static Optional<LogPosition> read(String text) {
    Matcher id = FORM.matcher(text);
    if (!id.matches()) {
      return Optional.empty();
    }
    try {
      // PostgreSQL counts transactions up to 2^64, but the column that stores them ends at 2^63.
      return Optional.of(new LogPosition(Long.parseLong(id.group(1)), Long.parseLong(id.group(2))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
