package io.carechat.api.runtime;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and writes times in the form of RFC 3339, section 5.6. */
public final class Rfc3339 {

  // Java's own parser also accepts times without seconds, offsets with seconds, and years with six
  // digits. It does not accept small letters, leap seconds, offsets beyond 18 hours, and more than
  // nine digits of a fraction, all of which RFC 3339 allows.
  private static final Pattern DATE_TIME =
      Pattern.compile(
          "([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]+))?"
              + "(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))");
  private static final int NANO_DIGITS = 9;
  private static final int LEAP_SECOND = 60;
  private static final DateTimeFormatter MILLISECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Rfc3339() {}

  /**
   * Parses a time, in every form that RFC 3339 allows. A leap second is accepted where one can be,
   * at the end of a month in UTC, and is the same instant as the second after it. Digits of a
   * fraction after the ninth are ignored. An offset without a colon is accepted although RFC 3339
   * does not allow it, because clients that are generated for Python write it.
   *
   * @return empty if the text does not have this form, or the day or time does not exist
   */
  public static Optional<Instant> parse(String text) {
    Matcher parts = DATE_TIME.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      int second = number(parts, 6);
      boolean isLeap = second == LEAP_SECOND;
      LocalDateTime local =
          LocalDateTime.of(
              LocalDate.of(number(parts, 1), number(parts, 2), number(parts, 3)),
              LocalTime.of(
                  number(parts, 4),
                  number(parts, 5),
                  isLeap ? LEAP_SECOND - 1 : second,
                  nanos(parts)));
      LocalDateTime utc = local.minusMinutes(offsetMinutes(parts));
      if (!isLeap) {
        return Optional.of(utc.toInstant(ZoneOffset.UTC));
      }
      boolean canBe =
          utc.getHour() == 23
              && utc.getMinute() == 59
              && utc.getDayOfMonth() == utc.toLocalDate().lengthOfMonth();
      return canBe ? Optional.of(utc.plusSeconds(1).toInstant(ZoneOffset.UTC)) : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static int number(Matcher parts, int group) {
    return Integer.parseInt(parts.group(group));
  }

  private static int nanos(Matcher parts) {
    String fraction = parts.group(7);
    if (fraction == null) {
      return 0;
    }
    String digits = fraction.substring(0, Math.min(fraction.length(), NANO_DIGITS));
    return Integer.parseInt(digits + "0".repeat(NANO_DIGITS - digits.length()));
  }

  private static int offsetMinutes(Matcher parts) {
    if (parts.group(8) == null) {
      return 0;
    }
    int minutes = LocalTime.of(number(parts, 9), number(parts, 10)).toSecondOfDay() / 60;
    return parts.group(8).equals("-") ? -minutes : minutes;
  }

  /**
   * Writes a time in UTC with exactly three fraction digits. Anything below a millisecond is cut
   * off.
   */
  public static String format(Instant time) {
    return MILLISECONDS.format(time);
  }
}
