package io.carechat.domain.chat;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id of an API key. It is not secret: it names the key in lists, events and logs. The id of a
 * key that was created through the API is {@code ke} and the 32 lower-case hexadecimal digits of a
 * UUID. The id of a key of the configuration is chosen by the operator.
 *
 * @param value matches {@code [a-z0-9][a-z0-9-]{0,62}}
 */
public record KeyId(String value) {
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /**
   * @throws IllegalArgumentException if the value does not match the pattern
   */
  public KeyId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("id must match " + FORM);
    }
  }

  /**
   * Makes the id of a key that is created through the API.
   *
   * @param uuid a new UUID
   */
  public static KeyId ofApi(UUID uuid) {
    return new KeyId("ke" + uuid.toString().replace("-", ""));
  }

  /** Returns the value itself. */
  @Override
  public String toString() {
    return value;
  }
}
