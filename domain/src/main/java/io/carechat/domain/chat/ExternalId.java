package io.carechat.domain.chat;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id of a message: {@code IM} and the 32 lower-case hexadecimal digits of a UUID. Ours are
 * version 7 (RFC 9562), so that they sort roughly by time; others are accepted, since the source
 * document shows version 4.
 */
public record ExternalId(UUID value) {
  private static final Pattern FORM = Pattern.compile("IM[0-9a-f]{32}");

  /** Reads the printed form; anything else is empty. */
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

  /** The printed form. */
  @Override
  public String toString() {
    return "IM" + value.toString().replace("-", "");
  }
}
