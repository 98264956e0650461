package io.carechat.rest.events;
import io.carechat.domain.events.LogPosition;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Positions in the event log as the contract writes them: {@code transaction-number}, in decimal. */
public final class EventIds {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,20})-([0-9]{1,19})");

  private EventIds() {}

  /** Writes the position of an event. */
  public static String write(LogPosition position) {
    return Long.toUnsignedString(position.transaction()) + "-" + position.number();
  }

  /** Reads an id; empty if it can't be one of ours, by its form or because it is too large. */
  public static Optional<LogPosition> read(String text) {
    Matcher id = FORM.matcher(text);
    if (!id.matches()) {
      return Optional.empty();
    }
    try {
      // PostgreSQL counts transactions to 2^64, but stores them where 2^63 is the end.
      return Optional.of(new LogPosition(Long.parseLong(id.group(1)), Long.parseLong(id.group(2))));
    } catch (NumberFormatException tooLarge) {
      return Optional.empty();
    }
  }
}
