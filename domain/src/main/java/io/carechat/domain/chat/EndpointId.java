package io.carechat.domain.chat;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id of a webhook endpoint, unique in its instance. An endpoint that was made by the API has
 * {@code we} and the 32 hexadecimal digits of a UUID; one of the configuration has the operator's
 * own name.
 *
 * @param value {@code [a-z0-9][a-z0-9-]{0,62}}
 */
public record EndpointId(String value) implements Comparable<EndpointId> {
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern OF_API = Pattern.compile("we[0-9a-f]{32}");

  /**
   * @throws IllegalArgumentException if it is not of the form
   */
  public EndpointId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("id must match " + FORM);
    }
  }

  /** Reads the printed form; anything else is empty. */
  public static Optional<EndpointId> parse(String text) {
    return FORM.matcher(text).matches() ? Optional.of(new EndpointId(text)) : Optional.empty();
  }

  /** The id of a new endpoint that is made by the API. */
  public static EndpointId ofApi(UUID uuid) {
    return new EndpointId("we" + uuid.toString().replace("-", ""));
  }

  /** Whether it is one that {@link #ofApi} gives. */
  public boolean isOfApi() {
    return OF_API.matcher(value).matches();
  }

  @Override
  public int compareTo(EndpointId other) {
    return value.compareTo(other.value);
  }

  /** The printed form. */
  @Override
  public String toString() {
    return value;
  }
}
