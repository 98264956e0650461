package io.carechat.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * What is kept of an endpoint's response.
 *
 * @param status the HTTP status, from 101 to 999
 * @param retryAfter the value of {@code Retry-After} as it was received; null if there was none
 * @param firstBytes the beginning of the body, as {@link #beginning} returns it
 */
record WebhookResponse(int status, @Nullable String retryAfter, String firstBytes) {
  private static final int MAX_CHARACTERS = 1_000;

  /** As many bytes as {@value #MAX_CHARACTERS} characters of UTF-8 can have. */
  static final int MAX_BYTES = 4 * MAX_CHARACTERS;

  /**
   * The beginning of a body as text, at most {@value #MAX_CHARACTERS} characters, without anything
   * that a database cannot store or that a terminal would execute.
   *
   * @param body the first bytes of the body; more than {@link #MAX_BYTES} are not needed
   */
  static String beginning(byte[] body) {
    String text = new String(body, UTF_8);
    int length =
        text.codePointCount(0, text.length()) <= MAX_CHARACTERS
            ? text.length()
            : text.offsetByCodePoints(0, MAX_CHARACTERS);
    return printable(text.substring(0, length));
  }

  /** The text with U+FFFD in place of every control character but line feed and tab. */
  static String printable(String text) {
    var printable = new StringBuilder(text.length());
    text.chars()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? '\uFFFD' : c)
        .forEach(c -> printable.append((char) c));
    return printable.toString();
  }
}
