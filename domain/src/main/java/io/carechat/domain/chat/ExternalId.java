package io.carechat.domain.chat;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id of a message. It is printed as {@code IM} and the 32 lower-case hexadecimal digits of a
 * UUID. This service makes UUIDs of version 7 (RFC 9562), which sort roughly by time. All other
 * versions are accepted too, because the source document shows version 4.
 *
 * @param value the UUID, of any version
 */
public record ExternalId(UUID value) {
  private static final Pattern FORM = Pattern.compile("IM[0-9a-f]{32}");

  /** Reads the printed form. Any other text gives an empty result. */
  public static Optional<ExternalId> parse(String text) {
    if (!FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new ExternalId(
            new UUID(
                Long.parseUnsignedLong(text, 2, 18, 16),
                Long.parseUnsignedLong(text, 18, 34, 16))));
  }

  /** Prints {@code IM} and 32 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return "IM" + value.toString().replace("-", "");
  }
}
