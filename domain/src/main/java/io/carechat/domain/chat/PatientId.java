package io.carechat.domain.chat;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id of a patient.
 *
 * @param value the UUID that the provider uses for the patient
 */
public record PatientId(UUID value) {
  private static final Pattern CANONICAL =
      Pattern.compile(
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

  /**
   * Reads the 36-character form of RFC 9562, in upper or lower case. Any other text gives an empty
   * result, also the shortened forms that {@link UUID#fromString} accepts.
   */
  public static Optional<PatientId> parse(String text) {
    return CANONICAL.matcher(text).matches()
        ? Optional.of(new PatientId(UUID.fromString(text)))
        : Optional.empty();
  }

  /** Prints the 36-character form in lower case. */
  @Override
  public String toString() {
    return value.toString();
  }
}
