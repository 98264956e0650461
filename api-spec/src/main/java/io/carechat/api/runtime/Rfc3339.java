package io.carechat.api.runtime;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads and writes times in the form of RFC 3339, section 5.6. */
public final class Rfc3339 {

  // Java's own parser also accepts times without seconds, offsets with seconds, and years with six
  // digits.
  private static final Pattern DATE_TIME =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})");
  private static final DateTimeFormatter MILLISECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Rfc3339() {}

  /**
   * Parses a time. It must have a capital {@code T} and {@code Z}, seconds, at most nine fraction
   * digits, and an offset of at most 18 hours. Leap seconds are not accepted. An offset without a
   * colon is accepted although RFC 3339 does not allow it, because clients that are generated for
   * Python write it.
   *
   * @return empty if the text does not have this form, or the day or time does not exist
   */
  public static Optional<Instant> parse(String text) {
    if (text.length() > 35 || !DATE_TIME.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      int minutes = text.length() - 2;
      boolean complete = text.endsWith("Z") || text.charAt(minutes - 1) == ':';
      String withColon =
          complete ? text : text.substring(0, minutes) + ':' + text.substring(minutes);
      return Optional.of(OffsetDateTime.parse(withColon).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /**
   * Writes a time in UTC with exactly three fraction digits. Anything below a millisecond is cut
   * off.
   */
  public static String format(Instant time) {
    return MILLISECONDS.format(time);
  }
}
