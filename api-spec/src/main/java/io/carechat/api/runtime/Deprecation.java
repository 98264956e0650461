package io.carechat.api.runtime;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * That an operation is to go, as its answers tell: {@code Deprecation} (RFC 9745), {@code Sunset}
 * (RFC 8594) and, where there is something to read, a {@code Link} with the relation {@code
 * deprecation}. In the contract these are {@code deprecated: true}, {@code x-deprecated-at}, {@code
 * x-sunset} and {@code x-deprecation-link}.
 *
 * @param since from when on it is deprecated; may be in the future; told in whole seconds
 * @param sunset until when it works at least; not before {@code since}; told in whole seconds
 * @param link the address of a page about it, absolute or relative to the operation's own
 */
record Deprecation(Instant since, Instant sunset, @Nullable String link) {

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  Deprecation {
    if (sunset.isBefore(since)) {
      throw new IllegalArgumentException("the sunset is before the deprecation");
    }
    if (link != null && !link.matches("[!-~&&[^<>\"]]+")) {
      throw new IllegalArgumentException("the link has characters that an address cannot have");
    }
  }

  /**
   * Reads it from an operation of the contract; null if the operation is not deprecated.
   *
   * @throws IllegalArgumentException if it is deprecated and does not say since when or until when
   */
  static @Nullable Deprecation of(JsonNode operation) {
    if (!operation.path("deprecated").asBoolean()) {
      return null;
    }
    return new Deprecation(
        moment(operation, "x-deprecated-at"),
        moment(operation, "x-sunset"),
        operation.path("x-deprecation-link").textValue());
  }

  /** Tells the headers, name and value. */
  void headers(BiConsumer<String, String> to) {
    to.accept("Deprecation", "@" + since.getEpochSecond());
    to.accept("Sunset", HTTP_DATE.format(sunset));
    if (link != null) {
      to.accept("Link", "<" + link + ">; rel=\"deprecation\"");
    }
  }

  private static Instant moment(JsonNode operation, String name) {
    return Rfc3339.parse(operation.path(name).asText())
        .orElseThrow(() ->
            new IllegalArgumentException(
                operation.path("operationId").asText() + " is deprecated and has no " + name));
  }
}
