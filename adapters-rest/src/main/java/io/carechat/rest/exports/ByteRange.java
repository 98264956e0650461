package io.carechat.rest.exports;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is to be sent of a file (RFC 9110, section 14). */
sealed interface ByteRange {
  /** All of it. */
  record Whole() implements ByteRange {}

  /**
   * A part of it.
   *
   * @param first the place of the first byte, from 0
   * @param last the place of the last byte
   */
  record Part(long first, long last) implements ByteRange {}

  /** Nothing, because the file does not have such bytes. */
  record NotSatisfiable() implements ByteRange {}

  /** A unit, and one or more ranges. */
  Pattern FORM = Pattern.compile("(?i)bytes[ \t]*=(.*)");

  Pattern RANGE = Pattern.compile("([0-9]*)-([0-9]*)");

  /** More digits than a file can have bytes. */
  int MAX_DIGITS = 18;

  /**
   * Reads the header {@code Range}. As the RFC allows, what is not valid is ignored, and so are
   * several ranges.
   *
   * @param range the header; null if there is none
   * @param ifRange the header {@code If-Range}; null if there is none
   * @param tag the ETag of the file, in quotation marks. It is strong, so only the same text is
   *     equal to it.
   * @param length how many bytes the file has
   */
  static ByteRange of(@Nullable String range, @Nullable String ifRange, String tag, long length) {
    if (range == null || (ifRange != null && !ifRange.strip().equals(tag))) {
      return new Whole();
    }
    Matcher form = FORM.matcher(range.strip());
    if (!form.matches()) {
      return new Whole();
    }
    // A list may have empty elements (RFC 9110, section 5.6.1).
    List<String> ranges =
        Arrays.stream(form.group(1).split(",", -1))
            .map(String::strip)
            .filter(each -> !each.isEmpty())
            .toList();
    return ranges.size() == 1 ? of(ranges.getFirst(), length) : new Whole();
  }

  private static ByteRange of(String range, long length) {
    Matcher form = RANGE.matcher(range);
    if (!form.matches()) {
      return new Whole();
    }
    if (form.group(1).isEmpty()) {
      return form.group(2).isEmpty() ? new Whole() : suffix(number(form.group(2)), length);
    }
    long first = number(form.group(1));
    long last = form.group(2).isEmpty() ? Long.MAX_VALUE : number(form.group(2));
    if (last < first) {
      return new Whole();
    }
    return first < length ? new Part(first, Math.min(last, length - 1)) : new NotSatisfiable();
  }

  private static ByteRange suffix(long count, long length) {
    if (count == 0) {
      return new NotSatisfiable();
    }
    // Content-Range cannot say that there are no bytes.
    return length == 0 ? new Whole() : new Part(Math.max(0, length - count), length - 1);
  }

  private static long number(String digits) {
    String significant = digits.replaceFirst("^0+(?=.)", "");
    return significant.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.parseLong(significant);
  }
}
