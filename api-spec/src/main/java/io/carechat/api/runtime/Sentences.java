package io.carechat.api.runtime;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import java.util.ArrayList;
import java.util.List;

/** Says in words which constraint of the contract a value breaks, without repeating the value. */
final class Sentences {

  /** The keyword with which a schema puts its pattern into words. */
  static final String RULE = "x-carechat-rule";

  /** Keywords from the most telling one: of several that one value breaks, the first is told. */
  private static final List<String> ORDER =
      List.of(
          "type",
          "required",
          "additionalProperties",
          "minItems",
          "maxItems",
          "minLength",
          "maxLength",
          "enum",
          "format",
          "minimum",
          "maximum",
          "pattern");

  private static final int SHOWN = 64;

  private final JsonNode document;

  Sentences(JsonNode document) {
    this.document = document;
  }

  /** How telling a constraint is: of two, the one with the lower number is told. */
  static int rank(Error error) {
    int rank = ORDER.indexOf(error.getKeyword());
    return rank < 0 ? ORDER.size() : rank;
  }

  /** The place in the body that an error is about, as a JSON Pointer. */
  static String pointer(Error error) {
    String at = error.getInstanceLocation().toString();
    return switch (error.getKeyword()) {
      case "required", "additionalProperties" -> at + "/" + escape(shown(error.getProperty()));
      default -> at;
    };
  }

  /** What is wrong, and what would be right. */
  String of(Error error) {
    String fragment = error.getSchemaLocation().getFragment().toString();
    JsonNode limit = document.at(fragment);
    JsonNode schema = document.at(fragment.substring(0, fragment.lastIndexOf('/')));
    return switch (error.getKeyword()) {
      case "required" -> "is required";
      case "additionalProperties" ->
          "is not known here; there may be " + names(schema.path("properties"));
      case "type" -> mustBe(schema);
      case "minLength" ->
          limit.asInt() == 1
              ? "must not be empty"
              : "must have at least " + limit + " characters, and has " + length(error);
      case "maxLength" -> "must have at most " + limit + " characters, and has " + length(error);
      case "minItems" -> "must have at least " + items(limit);
      case "maxItems" -> "must have at most " + items(limit);
      case "minimum" -> "must be at least " + limit;
      case "maximum" -> "must be at most " + limit;
      case "enum" -> "must be " + values(limit);
      case "format" -> format(limit.asText());
      case "pattern" -> schema.path(RULE).asText("must match " + limit.asText());
      default -> "breaks the contract's constraint " + error.getKeyword();
    };
  }

  /** The type that a value must have. */
  static String mustBe(JsonNode schema) {
    String type =
        switch (schema.path("type").asText()) {
          case "string" -> "a string";
          case "integer" -> "a whole number";
          case "number" -> "a number";
          case "boolean" -> "true or false";
          case "array" -> "an array";
          default -> "an object";
        };
    return "must be " + type + (schema.path("nullable").asBoolean() ? " or null" : "");
  }

  /** Escapes a reference token of a JSON Pointer (RFC 6901, section 3). */
  static String escape(String token) {
    return token.replace("~", "~0").replace("/", "~1");
  }

  /**
   * A name that a caller sent, made fit for being repeated: short, and without halves of
   * characters.
   */
  static String shown(String name) {
    StringBuilder shown = new StringBuilder();
    int[] codePoints = name.codePoints().limit(SHOWN + 1L).toArray();
    for (int i = 0; i < Math.min(codePoints.length, SHOWN); i++) {
      boolean half =
          codePoints[i] >= Character.MIN_SURROGATE && codePoints[i] <= Character.MAX_SURROGATE;
      shown.appendCodePoint(half ? 0xFFFD : codePoints[i]);
    }
    return codePoints.length > SHOWN ? shown + "…" : shown.toString();
  }

  private static int length(Error error) {
    String text = error.getInstanceNode().textValue();
    return text.codePointCount(0, text.length());
  }

  private static String items(JsonNode count) {
    return count.asInt() == 1 ? "1 item" : count + " items";
  }

  private static String names(JsonNode properties) {
    List<String> names = new ArrayList<>();
    properties.fieldNames().forEachRemaining(names::add);
    return String.join(", ", names);
  }

  private static String values(JsonNode values) {
    List<String> texts = new ArrayList<>();
    values.forEach(value -> texts.add(value.asText()));
    return String.join(" or ", texts);
  }

  private static String format(String name) {
    return switch (name) {
      case "uuid" -> "must be a UUID of 36 characters, like 5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab";
      case "date-time" -> "must be a moment as in RFC 3339, like 2021-03-01T00:00:00Z";
      default -> "must have the format " + name;
    };
  }
}
