package io.carechat.api.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Says that an operation will be removed. Responses say so with the headers {@code Deprecation}
 * (RFC 9745) and {@code Sunset} (RFC 8594) and, if there is a page about it, with a {@code Link}
 * that has the relation {@code deprecation}. In the contract these are {@code deprecated: true},
 * {@code x-deprecated-at}, {@code x-sunset} and {@code x-deprecation-link}.
 *
 * @param since when the deprecation begins, which may be in the future; sent in whole seconds
 * @param sunset the time until which the operation works at least, not before {@code since}; sent
 *     in whole seconds
 * @param link the address of a page about it, absolute or relative to the operation's own; null if
 *     there is none
 */
record Deprecation(Instant since, Instant sunset, @Nullable String link) {

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  /**
   * @throws IllegalArgumentException if the times are in the wrong order or the link is not an
   *     address
   */
  Deprecation {
    if (sunset.isBefore(since)) {
      throw new IllegalArgumentException("the sunset is before the deprecation");
    }
    if (link != null && !link.matches("[!-~&&[^<>\"]]+")) {
      throw new IllegalArgumentException("the link has characters that an address cannot have");
    }
  }

  /**
   * Reads the deprecation of an operation of the contract. The result is null if the operation is
   * not deprecated.
   *
   * @throws IllegalArgumentException if the operation is deprecated and a time is missing
   */
  static @Nullable Deprecation of(JsonNode operation) {
    if (!operation.path("deprecated").asBoolean()) {
      return null;
    }
    return new Deprecation(
        time(operation, "x-deprecated-at"),
        time(operation, "x-sunset"),
        operation.path("x-deprecation-link").textValue());
  }

  /** Passes on the name and the value of each header. */
  void headers(BiConsumer<String, String> to) {
    to.accept("Deprecation", "@" + since.getEpochSecond());
    to.accept("Sunset", HTTP_DATE.format(sunset));
    if (link != null) {
      to.accept("Link", "<" + link + ">; rel=\"deprecation\"");
    }
  }

  private static Instant time(JsonNode operation, String name) {
    return Rfc3339.parse(operation.path(name).asText())
        .orElseThrow(() ->
            new IllegalArgumentException(
                operation.path("operationId").asText() + " is deprecated and has no " + name));
  }
}
