package io.carechat.bootstrap;

import com.nimbusds.oauth2.sdk.util.URLUtils;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an identity provider tells a service by the address to which it sends the browser (RFC 6749,
 * section 4.1.2).
 */
final class SignInAnswer {
  private static final int LONGEST = 8_192;

  private final Map<String, List<String>> parameters;

  private SignInAnswer(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  /** Reads the query of the address. Parameters that nobody asks for do not matter. */
  static SignInAnswer parse(String query) {
    return new SignInAnswer(query.length() > LONGEST ? Map.of() : URLUtils.parseParameters(query));
  }

  /** Returns a parameter; empty if it is missing, blank, or there more than once. */
  Optional<String> only(String name) {
    List<String> values = parameters.getOrDefault(name, List.of());
    return values.size() == 1
        ? Optional.of(values.getFirst()).filter(value -> !value.isBlank())
        : Optional.empty();
  }

  /** Returns whether a parameter is there at all. */
  boolean has(String name) {
    return parameters.containsKey(name);
  }
}
