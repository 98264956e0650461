package io.carechat.webhook;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses the header {@code Retry-After} (RFC 9110, section 10.2.3). */
final class RetryAfter {
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,100}");

  /** Longer than any wait that the retry schedule accepts. It keeps sums from overflowing. */
  private static final Duration MAX = Duration.ofDays(365);

  /** The three forms of an HTTP date (RFC 9110, section 5.6.7). Only the first is still in use. */
  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          twoDigitYear(),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
              .withZone(ZoneOffset.UTC));

  private RetryAfter() {}

  private static DateTimeFormatter twoDigitYear() {
    return new DateTimeFormatterBuilder()
        .parseCaseInsensitive()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, 2000)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.ENGLISH)
        .withZone(ZoneOffset.UTC);
  }

  /**
   * How long to wait from {@code now} on, at most a year.
   *
   * @param value the value of the header; null if it is missing
   * @return null if there is nothing to wait for: the header is missing, or is neither a number of
   *     seconds nor a date, or the date is in the past
   */
  static @Nullable Duration parse(@Nullable String value, Instant now) {
    if (value == null) {
      return null;
    }
    String trimmed = value.strip();
    if (SECONDS.matcher(trimmed).matches()) {
      String digits = trimmed.replaceFirst("^0+(?=.)", "");
      return digits.length() > 8 ? MAX : atMostMax(Duration.ofSeconds(Long.parseLong(digits)));
    }
    return DATES.stream()
        .map(form -> date(form, trimmed))
        .flatMap(Optional::stream)
        .findFirst()
        .map(date -> Duration.between(now, date))
        .filter(Duration::isPositive)
        .map(RetryAfter::atMostMax)
        .orElse(null);
  }

  private static Optional<Instant> date(DateTimeFormatter form, String text) {
    try {
      return Optional.of(Instant.from(form.parse(text)));
    } catch (DateTimeException anotherForm) {
      return Optional.empty();
    }
  }

  private static Duration atMostMax(Duration wait) {
    return wait.compareTo(MAX) < 0 ? wait : MAX;
  }
}
