package io.carechat.api.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import java.util.ArrayList;
import java.util.List;

/**
 * Describes in words which constraint of the contract a value violates. The words never contain the
 * value.
 */
final class ConstraintMessages {

  /** The keyword with which a schema describes its pattern in words. */
  static final String RULE = "x-carechat-rule";

  /**
   * The keywords of constraints, the most helpful one first. If a value violates several, only the
   * first of these is reported.
   */
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

  private static final int MAX_NAME_LENGTH = 64;

  private final JsonNode document;

  ConstraintMessages(JsonNode document) {
    this.document = document;
  }

  /**
   * Returns how helpful a violated constraint is. Of two, the one with the lower rank is reported.
   */
  static int rank(Error error) {
    int rank = ORDER.indexOf(error.getKeyword());
    return rank < 0 ? ORDER.size() : rank;
  }

  /** Returns the JSON Pointer of the part of the body that an error is about. */
  static String pointer(Error error) {
    String at = error.getInstanceLocation().toString();
    return switch (error.getKeyword()) {
      case "required", "additionalProperties" -> at + "/" + escape(shown(error.getProperty()));
      default -> at;
    };
  }

  /** Returns what is wrong and what would be right. */
  String of(Error error) {
    String fragment = error.getSchemaLocation().getFragment().toString();
    JsonNode limit = document.at(fragment);
    JsonNode schema = document.at(fragment.substring(0, fragment.lastIndexOf('/')));
    return switch (error.getKeyword()) {
      case "required" -> "is required";
      case "additionalProperties" ->
          "is unknown; the known members are " + names(schema.path("properties"));
      case "type" -> mustBe(schema);
      case "minLength" ->
          limit.asInt() == 1
              ? "must not be empty"
              : "must have at least " + limit + " characters, but has " + length(error);
      case "maxLength" -> "must have at most " + limit + " characters, but has " + length(error);
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

  /** Returns which type a value must have. */
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
   * Makes a name that a caller sent safe to repeat: it is shortened, and unpaired surrogates are
   * replaced.
   */
  static String shown(String name) {
    StringBuilder shown = new StringBuilder();
    int[] codePoints = name.codePoints().limit(MAX_NAME_LENGTH + 1L).toArray();
    for (int i = 0; i < Math.min(codePoints.length, MAX_NAME_LENGTH); i++) {
      boolean surrogate =
          codePoints[i] >= Character.MIN_SURROGATE && codePoints[i] <= Character.MAX_SURROGATE;
      shown.appendCodePoint(surrogate ? 0xFFFD : codePoints[i]);
    }
    return codePoints.length > MAX_NAME_LENGTH ? shown + "…" : shown.toString();
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
      case "uuid" ->
          "must be a UUID of 36 characters, such as 5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab";
      case "date-time" -> "must be a time as in RFC 3339, such as 2021-03-01T00:00:00Z";
      default -> "must have the format " + name;
    };
  }
}
