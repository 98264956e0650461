package io.carechat.bootstrap;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token, each of which is read as the one type that it must have. A claim that is
 * present with another type, or as null or empty, is never treated as absent. The faults do not
 * repeat any value.
 */
final class TokenClaims {
  /** The end of the year 9999, in seconds. Later times cannot be written in the contract's form. */
  private static final double LATEST = 253_402_300_799d;

  private final Map<String, Object> claims;

  private TokenClaims(Map<String, Object> claims) {
    this.claims = claims;
  }

  /**
   * Reads the JSON object that a token carries.
   *
   * @throws Invalid if it is not one
   */
  static TokenClaims parse(String json) throws Invalid {
    try {
      // The parser returns null for the JSON text null.
      @Nullable Map<String, Object> claims = JSONObjectUtils.parse(json);
      if (claims != null) {
        return new TokenClaims(claims);
      }
    } catch (ParseException e) {
      // Its message repeats parts of the token.
    }
    throw new Invalid("The claims are not a JSON object");
  }

  /** Thrown when a claim makes the token invalid. */
  static final class Invalid extends Exception {
    private static final long serialVersionUID = 1;

    Invalid(String message) {
      super(message, null, false, false);
    }
  }

  /** A claim that must be a text, and not an empty one. */
  String text(String name) throws Invalid {
    if (claims.get(name) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw new Invalid(name + " is not a text");
  }

  /** The same for a claim that may be absent. */
  Optional<String> optionalText(String name) throws Invalid {
    return claims.containsKey(name) ? Optional.of(text(name)) : Optional.empty();
  }

  /** A claim that must be a text or a list of texts. */
  Set<String> texts(String name) throws Invalid {
    if (!(claims.get(name) instanceof List<?> values)) {
      return Set.of(text(name));
    }
    var texts = new HashSet<String>();
    for (Object value : values) {
      if (!(value instanceof String text)) {
        throw new Invalid(name + " is not a list of texts");
      }
      texts.add(text);
    }
    return texts;
  }

  /**
   * A claim that must be a time: the seconds since 1970, which may have a fraction (RFC 7519,
   * section 2).
   */
  Instant time(String name) throws Invalid {
    if (claims.get(name) instanceof Number number) {
      double seconds = number.doubleValue();
      if (seconds >= 0 && seconds <= LATEST) {
        return Instant.ofEpochMilli((long) (seconds * 1_000));
      }
    }
    throw new Invalid(name + " is not a time");
  }

  /** The same for a claim that may be absent. */
  Optional<Instant> optionalTime(String name) throws Invalid {
    return claims.containsKey(name) ? Optional.of(time(name)) : Optional.empty();
  }
}
