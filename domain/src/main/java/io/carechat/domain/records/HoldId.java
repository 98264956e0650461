package io.carechat.domain.records;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** The id of a legal hold: {@code LH} and 32 lower-case hexadecimal digits. */
public record HoldId(UUID value) {
  private static final Pattern FORM = Pattern.compile("LH[0-9a-f]{32}");

  /** Returns the id that a text is. The result is empty if it is none. */
  public static Optional<HoldId> parse(String text) {
    return FORM.matcher(text).matches()
        ? Optional.of(new HoldId(ErasureId.uuid(text.substring(2))))
        : Optional.empty();
  }

  /** Prints the form above. */
  @Override
  public String toString() {
    return "LH" + value.toString().replace("-", "");
  }
}
