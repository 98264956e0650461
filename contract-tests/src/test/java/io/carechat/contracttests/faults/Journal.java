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
 * The messages that senders tried to send, and those that were acknowledged. It is kept outside of
 * the service.
 *
 * @param chats all chats that were written to
 * @param sendings the messages, by idempotency key
 */
record Journal(List<Chat> chats, Map<String, Sending> sendings) {
  /**
   * A message that somebody tried to send.
   *
   * @param hash the hash of its text
   * @param externalId empty until the message was acknowledged
   * @param acknowledgedAt in nanoseconds of {@link System#nanoTime}
   */
  record Sending(
      Chat chat, String hash, Optional<String> externalId, OptionalLong acknowledgedAt) {}

  /** The SHA-256 of a text, in hexadecimal. It is kept instead of the text. */
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
