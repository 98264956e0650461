package io.carechat.domain.messages;

import java.util.regex.Pattern;

/**
 * A caller's name for one send. If one sender sends the same key more than once to the same chat,
 * only one message is stored. The keys of different senders are separate: the patient and each
 * member of the care team can use the same key. The sender is the one that the message shows,
 * whichever credential sends it.
 *
 * @param value 1 to 255 visible ASCII characters
 */
public record IdempotencyKey(String value) {
  private static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,255}");

  /**
   * @throws IllegalArgumentException if the value does not have this form
   */
  public IdempotencyKey {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "An idempotency key has 1 to 255 visible ASCII characters");
    }
  }
}
