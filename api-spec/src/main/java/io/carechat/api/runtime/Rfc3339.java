package io.carechat.api.runtime;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/** Moments on the wire (RFC 3339, section 5.6). */
public final class Rfc3339 {

  // Java's own parser takes more: no seconds, offsets with seconds, years of six digits.
  private static final Pattern DATE_TIME =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})");
  private static final DateTimeFormatter MILLISECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Rfc3339() {}

  /**
   * Reads a moment: capital {@code T} and {@code Z}, seconds, at most nine fraction digits, an
   * offset of at most 18 hours. A leap second is not taken. An offset without its colon is taken,
   * though RFC 3339 has none, because that is how clients write it that are generated for Python.
   *
   * @return empty if the text is not such a moment, or there is no such day or time
   */
  public static Optional<Instant> parse(String text) {
    if (text.length() > 35 || !DATE_TIME.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      int minutes = text.length() - 2;
      boolean complete = text.endsWith("Z") || text.charAt(minutes - 1) == ':';
      String inFull = complete ? text : text.substring(0, minutes) + ':' + text.substring(minutes);
      return Optional.of(OffsetDateTime.parse(inFull).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /**
   * Writes a moment in UTC with exactly three fraction digits. What is below a millisecond is cut
   * off.
   */
  public static String format(Instant moment) {
    return MILLISECONDS.format(moment);
  }
}
