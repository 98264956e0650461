package io.carechat.domain.messages;

import java.util.regex.Pattern;

/**
 * A caller's name for one send, 1 to 255 visible ASCII characters: the same key in the same chat
 * stores one message, however often it is sent.
 */
public record IdempotencyKey(String value) {
  private static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,255}");

  /**
   * @throws IllegalArgumentException if the key is not of the form
   */
  public IdempotencyKey {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "An idempotency key has 1 to 255 visible ASCII characters");
    }
  }
}
