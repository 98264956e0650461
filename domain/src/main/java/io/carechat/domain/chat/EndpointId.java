package io.carechat.domain.chat;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id of a webhook endpoint. It is unique within its instance. The id of an endpoint that was
 * created through the API is {@code we} and the 32 lower-case hexadecimal digits of a UUID. The id
 * of an endpoint from the configuration is chosen by the operator.
 *
 * @param value matches {@code [a-z0-9][a-z0-9-]{0,62}}
 */
public record EndpointId(String value) implements Comparable<EndpointId> {
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern OF_API = Pattern.compile("we[0-9a-f]{32}");

  /**
   * @throws IllegalArgumentException if the value does not match the pattern
   */
  public EndpointId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("id must match " + FORM);
    }
  }

  /**
   * Makes the id of an endpoint that is created through the API.
   *
   * @param uuid a new UUID
   */
  public static EndpointId ofApi(UUID uuid) {
    return new EndpointId("we" + uuid.toString().replace("-", ""));
  }

  /** Returns whether this id has the form that {@link #ofApi} makes. */
  public boolean isOfApi() {
    return OF_API.matcher(value).matches();
  }

  @Override
  public int compareTo(EndpointId other) {
    return value.compareTo(other.value);
  }

  /** Returns the value itself. */
  @Override
  public String toString() {
    return value;
  }
}
