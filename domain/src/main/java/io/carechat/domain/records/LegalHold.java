package io.carechat.domain.records;

import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An order to keep a chat because of a legal matter. While there is one, nothing erases the chat.
 *
 * @param id the id of the hold
 * @param reference the partner's own name for the matter, {@code [A-Za-z0-9][A-Za-z0-9._/-]{0,63}};
 *     null if there is none
 * @param placedAt when it was placed, in whole milliseconds
 * @param placedBy the id of the credential that placed it
 */
public record LegalHold(HoldId id, @Nullable String reference, Instant placedAt, String placedBy) {
  private static final Pattern REFERENCE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,63}");

  /**
   * @throws IllegalArgumentException if the reference does not have the form above
   */
  public LegalHold {
    if (reference != null && !REFERENCE.matcher(reference).matches()) {
      throw new IllegalArgumentException("reference must match " + REFERENCE);
    }
  }
}
