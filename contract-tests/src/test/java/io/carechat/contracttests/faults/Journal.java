package io.carechat.contracttests.faults;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What senders tried, and what was acknowledged to them, kept outside of the service.
 *
 * @param chats all that were written to
 * @param sendings by idempotency key
 */
record Journal(List<Chat> chats, Map<String, Sending> sendings) {
  /**
   * A message that somebody tried to send.
   *
   * @param hash of its text
   * @param externalId empty as long as it was not acknowledged
   * @param acknowledgedAt in nanoseconds of {@link System#nanoTime}
   */
  record Sending(
      Chat chat, String hash, Optional<String> externalId, OptionalLong acknowledgedAt) {}

  /** What is kept of a text, in place of the text: its SHA-256 in hexadecimal. */
  static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
