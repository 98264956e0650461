package io.carechat.domain.exports;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id of an export. It is printed as {@code EX} and the 32 lower-case hexadecimal digits of a
 * UUID.
 *
 * @param value the UUID, of any version
 */
public record ExportId(UUID value) {
  private static final Pattern FORM = Pattern.compile("EX[0-9a-f]{32}");

  /** Reads the printed form. Any other text gives an empty result. */
  public static Optional<ExportId> parse(String text) {
    if (!FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new ExportId(
            new UUID(
                Long.parseUnsignedLong(text, 2, 18, 16),
                Long.parseUnsignedLong(text, 18, 34, 16))));
  }

  /** Prints {@code EX} and 32 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return "EX" + value.toString().replace("-", "");
  }
}
