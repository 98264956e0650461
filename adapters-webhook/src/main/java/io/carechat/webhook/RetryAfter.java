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

/** Reads {@code Retry-After} (RFC 9110, section 10.2.3). */
final class RetryAfter {
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,100}");

  /** More than anything that is ever honoured; keeps sums with it within bounds. */
  private static final Duration LONGEST = Duration.ofDays(365);

  /** The three forms of an HTTP date (RFC 9110, section 5.6.7); only the first is still written. */
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
   * How long to wait, from now on, at most a year.
   *
   * @return null if there is nothing to wait for: no value, one that is neither seconds nor a date,
   *     or a time that is over
   */
  static @Nullable Duration parse(@Nullable String value, Instant now) {
    if (value == null) {
      return null;
    }
    String trimmed = value.strip();
    if (SECONDS.matcher(trimmed).matches()) {
      String digits = trimmed.replaceFirst("^0+(?=.)", "");
      return digits.length() > 8 ? LONGEST : shortest(Duration.ofSeconds(Long.parseLong(digits)));
    }
    return DATES.stream()
        .map(form -> date(form, trimmed))
        .flatMap(Optional::stream)
        .findFirst()
        .map(date -> Duration.between(now, date))
        .filter(Duration::isPositive)
        .map(RetryAfter::shortest)
        .orElse(null);
  }

  private static Optional<Instant> date(DateTimeFormatter form, String text) {
    try {
      return Optional.of(Instant.from(form.parse(text)));
    } catch (DateTimeException anotherForm) {
      return Optional.empty();
    }
  }

  private static Duration shortest(Duration wait) {
    return wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
  }
}
