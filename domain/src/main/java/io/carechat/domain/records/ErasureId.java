package io.carechat.domain.records;

import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** The id of an erasure: {@code ER} and 32 lower-case hexadecimal digits. */
public record ErasureId(UUID value) {
  private static final Pattern FORM = Pattern.compile("ER[0-9a-f]{32}");

  /** Returns the id that a text is. The result is empty if it is none. */
  public static Optional<ErasureId> parse(String text) {
    return FORM.matcher(text).matches()
        ? Optional.of(new ErasureId(uuid(text.substring(2))))
        : Optional.empty();
  }

  /** Returns the UUID of 32 hexadecimal digits. */
  static UUID uuid(String digits) {
    return new UUID(
        HexFormat.fromHexDigitsToLong(digits, 0, 16),
        HexFormat.fromHexDigitsToLong(digits, 16, 32));
  }

  /** Prints the form above. */
  @Override
  public String toString() {
    return "ER" + value.toString().replace("-", "");
  }
}
