package io.carechat.rest;

import io.carechat.domain.LogPosition;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Events by the names that callers know them by: {@code transaction-number}. */
final class EventIds {
  private static final Pattern ID = Pattern.compile("([0-9]{1,18})-([0-9]{1,19})");

  private EventIds() {}

  static String write(LogPosition position) {
    return position.transaction() + "-" + position.number();
  }

  /** Empty if it is no id of an event. */
  static Optional<LogPosition> read(String id) {
    Matcher parts = ID.matcher(id);
    try {
      return parts.matches()
          ? Optional.of(
              new LogPosition(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2))))
          : Optional.empty();
    } catch (NumberFormatException tooLarge) {
      return Optional.empty();
    }
  }
}
