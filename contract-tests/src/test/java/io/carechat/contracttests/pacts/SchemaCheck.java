package io.carechat.contracttests.pacts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.carechat.api.runtime.Rfc3339;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks values against schemas of one document of the contract, and describes what is wrong with
 * them. It knows the keywords that our contract uses.
 */
final class SchemaCheck {
  /** The keywords that are checked, and those that say nothing about a value. */
  static final Set<String> KEYWORDS =
      Set.of(
          "$ref",
          "additionalProperties",
          "description",
          "enum",
          "example",
          "format",
          "items",
          "maxItems",
          "maxLength",
          "maximum",
          "minItems",
          "minLength",
          "minimum",
          "nullable",
          "pattern",
          "properties",
          "required",
          "type",
          "x-carechat-codes",
          "x-carechat-more-values",
          "x-carechat-rule",
          "x-carechat-pattern",
          "x-carechat-set-by-edge");

  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?(0|[1-9][0-9]{0,99})");
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final JsonNode document;
  private final boolean whole;
  private final List<String> faults;

  /**
   * @param document the document to look references up in
   * @param whole whether a value must have every required member. A request must have them. What is
   *     expected of an answer may be a part of it.
   * @param faults gets what is wrong
   */
  SchemaCheck(JsonNode document, boolean whole, List<String> faults) {
    this.document = document;
    this.whole = whole;
    this.faults = faults;
  }

  /** The node that a reference points to. If the node is no reference, the node itself. */
  static JsonNode resolve(JsonNode document, JsonNode node) {
    JsonNode resolved = node;
    while (resolved.has("$ref")) {
      resolved = document.at(resolved.path("$ref").asText().substring(1));
    }
    return resolved;
  }

  /** Checks a value of an address or a header. */
  void text(String instance, String text, JsonNode found) {
    JsonNode schema = resolve(document, found);
    switch (schema.path("type").asText()) {
      case "integer" -> {
        if (WHOLE_NUMBER.matcher(text).matches()) {
          value(instance, BigIntegerNode.valueOf(new BigInteger(text)), schema);
        } else {
          fault(instance, "must be a whole number", TextNode.valueOf(text));
        }
      }
      case "boolean" -> {
        if (!text.equals("true") && !text.equals("false")) {
          fault(instance, "must be true or false", TextNode.valueOf(text));
        } else {
          value(instance, BooleanNode.valueOf(text.equals("true")), schema);
        }
      }
      default -> value(instance, TextNode.valueOf(text), schema);
    }
  }

  /** Checks a JSON value. A missing value is always right. */
  void value(String instance, JsonNode value, JsonNode found) {
    JsonNode schema = resolve(document, found);
    if (value.isMissingNode() || schema.isMissingNode()) {
      return;
    }
    String type = schema.path("type").asText();
    if (value.isNull()) {
      if (!schema.path("nullable").asBoolean()) {
        fault(instance, "must not be null", value);
      }
    } else if (!isOf(value, type)) {
      fault(
          instance, "must be " + ("aeio".indexOf(type.charAt(0)) < 0 ? "a " : "an ") + type, value);
    } else {
      enumeration(instance, value, schema);
      switch (type) {
        case "object" -> members(instance, value, schema);
        case "array" -> items(instance, value, schema);
        case "string" -> string(instance, value, schema);
        case "integer", "number" -> number(instance, value, schema);
        default -> {}
      }
    }
  }

  private static boolean isOf(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      default -> throw new IllegalStateException("The contract has a type " + type);
    };
  }

  private void enumeration(String instance, JsonNode value, JsonNode schema) {
    JsonNode values = schema.path("enum");
    for (JsonNode each : values) {
      if (each.equals(value)) {
        return;
      }
    }
    if (!values.isMissingNode()) {
      fault(instance, "must be one of " + values, value);
    }
  }

  private void members(String instance, JsonNode value, JsonNode schema) {
    JsonNode members = schema.path("properties");
    Set<String> required = new HashSet<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    value.forEachEntry((name, member) -> {
      if (whole && member.isNull() && members.has(name) && !required.contains(name)) {
        // In a request, an optional member that is null is absent.
        return;
      }
      if (members.has(name)) {
        value(instance + "." + name, member, members.path(name));
      } else {
        faults.add("contract: " + instance + " has no member '" + name + "'");
      }
    });
    if (whole) {
      schema
          .path("required")
          .forEach(name -> {
            if (!value.has(name.asText())) {
              faults.add("contract: " + instance + " needs a member '" + name.asText() + "'");
            }
          });
    }
  }

  private void items(String instance, JsonNode value, JsonNode schema) {
    if (value.size() < schema.path("minItems").asInt(0)) {
      fault(instance, "must have at least " + schema.path("minItems") + " items", value);
    }
    if (value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)) {
      fault(instance, "must have at most " + schema.path("maxItems") + " items", value);
    }
    for (int i = 0; i < value.size(); i++) {
      value(instance + "[" + i + "]", value.get(i), schema.path("items"));
    }
  }

  private void string(String instance, JsonNode value, JsonNode schema) {
    String text = value.asText();
    int length = text.codePointCount(0, text.length());
    if (length < schema.path("minLength").asInt(0)) {
      fault(instance, "must have at least " + schema.path("minLength") + " characters", value);
    } else if (length > schema.path("maxLength").asInt(Integer.MAX_VALUE)) {
      fault(instance, "must have at most " + schema.path("maxLength") + " characters", value);
    } else if (schema.has("pattern")
        && !Pattern.compile(schema.path("pattern").asText()).matcher(text).find()) {
      String rule = "must match " + schema.path("pattern").asText();
      fault(instance, schema.path("x-carechat-rule").asText(rule), value);
    } else {
      format(instance, value, schema.path("format").asText());
    }
  }

  private void format(String instance, JsonNode value, String format) {
    String text = value.asText();
    boolean right =
        switch (format) {
          case "" -> true;
          case "uuid" -> UUID_TEXT.matcher(text).matches();
          case "date-time" -> Rfc3339.parse(text).isPresent();
          case "uri" -> isUri(text, true);
          case "uri-reference" -> isUri(text, false);
          default -> throw new IllegalStateException("The contract has a format " + format);
        };
    if (!right) {
      fault(instance, "must be a " + format, value);
    }
  }

  private static boolean isUri(String text, boolean absolute) {
    try {
      return new URI(text).isAbsolute() || !absolute;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private void number(String instance, JsonNode value, JsonNode schema) {
    BigDecimal number = value.decimalValue();
    if (schema.has("minimum") && number.compareTo(schema.path("minimum").decimalValue()) < 0) {
      fault(instance, "must be at least " + schema.path("minimum"), value);
    }
    if (schema.has("maximum") && number.compareTo(schema.path("maximum").decimalValue()) > 0) {
      fault(instance, "must be at most " + schema.path("maximum"), value);
    }
  }

  private void fault(String instance, String rule, JsonNode value) {
    faults.add("contract: " + instance + " " + rule + ", not " + value);
  }
}
