package io.carechat.api.checked;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests that break one rule of an operation's description each, made of the description: every
 * parameter and every member of the body, in each way in which its schema can be broken.
 */
public final class BrokenRequests {
  private static final String NO_PARAMETER = "noSuchThing";

  private final DescribedOperation operation;
  private final RequestDraft good;
  private final List<Broken> found = new ArrayList<>();

  private BrokenRequests(DescribedOperation operation, RequestDraft good) {
    this.operation = operation;
    this.good = good;
  }

  /**
   * A request that has to be refused with 400.
   *
   * @param what what is wrong with it, in words
   * @param parameter which parameter the refusal has to name, if it is one
   * @param pointer which place in the body the refusal has to name, if it is one; empty with an
   *     empty parameter for a body that is not JSON
   */
  public record Broken(
      String what, RequestDraft request, Optional<String> parameter, Optional<String> pointer) {
    @Override
    public String toString() {
      return what;
    }
  }

  /**
   * Everything that can be broken.
   *
   * @param good a request that breaks nothing
   */
  public static List<Broken> of(DescribedOperation operation, RequestDraft good) {
    var requests = new BrokenRequests(operation, good);
    requests.inParameters();
    operation.body().ifPresent(requests::inBody);
    return List.copyOf(requests.found);
  }

  // --- parameters ---

  private void inParameters() {
    parameter("an unknown parameter", NO_PARAMETER, good.query(NO_PARAMETER + "=1"));
    parameter("an escaped unknown parameter", NO_PARAMETER, good.query("%6eoSuchThing=1"));
    for (DescribedOperation.Parameter each : operation.parameters()) {
      String name = each.name();
      for (Map.Entry<String, String> wrong : wrongTexts(each.schema()).entrySet()) {
        String what = name + " that is " + wrong.getKey();
        String encoded = RequestDraft.encoded(wrong.getValue());
        switch (each.in()) {
          case "path" -> {
            if (!encoded.isEmpty()) {
              parameter(what, name, good.path(withPathValue(name, encoded)));
            }
          }
          case "query" ->
              parameter(what, name, good.withoutQuery(name).query(name + "=" + encoded));
          default -> {
            // Others can't be sent in a header.
            if (wrong.getValue().chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
              parameter(what, name, good.header(name, wrong.getValue()));
            }
          }
        }
      }
      if (each.in().equals("query")) {
        String value = RequestDraft.encoded(each.example());
        parameter(
            name + " twice",
            name,
            good.withoutQuery(name).query(name + "=" + value).query(name + "=" + value));
        parameter(name + " that is not UTF-8", name, good.withoutQuery(name).query(name + "=%ff"));
        if (each.required()) {
          parameter(name + " that is missing", name, good.withoutQuery(name));
        }
      }
    }
  }

  private String withPathValue(String name, String value) {
    String[] route = operation.route().split("/", -1);
    String[] path = good.path().split("/", -1);
    for (int i = 0; i < route.length; i++) {
      if (route[i].equals("{" + name + "}")) {
        path[i] = value;
      }
    }
    return String.join("/", path);
  }

  private void parameter(String what, String name, RequestDraft request) {
    found.add(new Broken(what, request, Optional.of(name), Optional.empty()));
  }

  /** Texts that break a schema, by why. */
  private static Map<String, String> wrongTexts(JsonNode schema) {
    Map<String, String> wrong = new java.util.LinkedHashMap<>();
    switch (schema.path("type").asText()) {
      case "integer" -> {
        wrong.put("no number", "x");
        wrong.put("empty", "");
        wrong.put("a fraction", "1.5");
        wrong.put("longer than any number", "9".repeat(30));
        if (schema.has("minimum")) {
          wrong.put("too small", String.valueOf(schema.path("minimum").asLong() - 1));
        }
        if (schema.has("maximum")) {
          wrong.put("too large", String.valueOf(schema.path("maximum").asLong() + 1));
        }
      }
      case "boolean" -> {
        wrong.put("neither true nor false", "yes");
        wrong.put("empty", "");
      }
      default -> {
        if (schema.has("enum")) {
          wrong.put("none of its values", "NO_SUCH_VALUE");
        }
        if (schema.has("format")) {
          wrong.put("of no " + schema.path("format").asText(), "1-1-1-1-1");
        }
        if (schema.path("minLength").asInt() > 0) {
          wrong.put("empty", "");
        }
        // What is longer than a request line can be is another refusal.
        if (schema.has("maxLength") && schema.path("maxLength").asInt() < 10_000) {
          wrong.put("too long", "a".repeat(schema.path("maxLength").asInt() + 1));
        }
        String pattern = schema.path("pattern").asText();
        for (String text : List.of("A b", " ", "\u0001")) {
          if (!pattern.isEmpty()
              && !java.util.regex.Pattern.compile(pattern).matcher(text).find()) {
            wrong.putIfAbsent("of another form", text);
          }
        }
      }
    }
    return wrong;
  }

  // --- bodies ---

  private void inBody(DescribedOperation.Body body) {
    for (String text : List.of("{", "{\"a\":1,\"a\":2}", "{} {}", "nothing", "[1,]")) {
      found.add(
          new Broken(
              "a body that is no JSON: " + text,
              good.body(text.getBytes(StandardCharsets.UTF_8)),
              Optional.empty(),
              Optional.empty()));
    }
    found.add(
        new Broken(
            "a body that is not UTF-8",
            good.body(new byte[] {'"', (byte) 0xff, '"'}),
            Optional.empty(),
            Optional.empty()));
    if (body.required()) {
      place("no body", "", good.body(new byte[0]));
    }
    JsonNode example = body.examples().getFirst();
    for (JsonNode other : others(body.schema(), example)) {
      place("a body that is " + other.getNodeType(), "", good.body(other));
    }
    for (JsonNode each : body.examples()) {
      members(body.schema(), each, "", each);
    }
  }

  private void place(String what, String pointer, RequestDraft request) {
    found.add(new Broken(what, request, Optional.empty(), Optional.of(pointer)));
  }

  /** Breaks every member of a place of an example that is an object. */
  private void members(JsonNode schema, JsonNode whole, String pointer, JsonNode here) {
    if (!(here instanceof ObjectNode)) {
      return;
    }
    if (!schema.path("additionalProperties").asBoolean(true)) {
      String at = pointer + "/" + NO_PARAMETER;
      place(
          at + " that is unknown",
          at,
          good.body(changed(whole, pointer, NO_PARAMETER, IntNode.valueOf(1))));
    }
    for (JsonNode required : schema.path("required")) {
      String at = pointer + "/" + required.asText();
      place(
          at + " that is missing", at, good.body(changed(whole, pointer, required.asText(), null)));
    }
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String name = property.getKey();
      JsonNode described = Document.served().resolve(property.getValue());
      String at = pointer + "/" + Document.escape(name);
      JsonNode present = here.path(name);
      for (JsonNode other : others(described, present)) {
        if (other.isNull() && !isRequired(schema, name)) {
          // That means the same as its absence.
          continue;
        }
        place(
            at + " that is " + other.getNodeType(),
            at,
            good.body(changed(whole, pointer, name, other)));
      }
      if (described.path("type").asText().equals("string")) {
        wrongTexts(described)
            .forEach((why, text) ->
                place(
                    at + " that is " + why,
                    at,
                    good.body(changed(whole, pointer, name, TextNode.valueOf(text)))));
      }
      if (described.path("type").asText().equals("integer")) {
        for (String bound : List.of("minimum", "maximum")) {
          if (described.has(bound)) {
            int beyond = described.path(bound).asInt() + (bound.equals("minimum") ? -1 : 1);
            place(
                at + " past its " + bound,
                at,
                good.body(changed(whole, pointer, name, IntNode.valueOf(beyond))));
          }
        }
      }
      if (!present.isMissingNode()) {
        members(described, whole, at, present);
      }
    }
  }

  private static boolean isRequired(JsonNode schema, String name) {
    return schema.path("required").valueStream().anyMatch(each -> each.asText().equals(name));
  }

  /** Values of the types that a schema does not have. */
  private static List<JsonNode> others(JsonNode schema, JsonNode example) {
    JsonNodeFactory make = JsonNodeFactory.instance;
    String type = schema.path("type").asText();
    List<JsonNode> others = new ArrayList<>();
    if (type.isEmpty()) {
      return others;
    }
    if (!schema.path("nullable").asBoolean()) {
      others.add(make.nullNode());
    }
    if (!type.equals("string")) {
      others.add(TextNode.valueOf("text"));
    }
    if (!type.equals("integer") && !type.equals("number")) {
      others.add(IntNode.valueOf(7));
    }
    if (!type.equals("boolean")) {
      others.add(BooleanNode.TRUE);
    }
    if (!type.equals("array")) {
      ArrayNode array = make.arrayNode();
      others.add(example.isMissingNode() ? array : array.add(example));
    }
    if (!type.equals("object")) {
      others.add(make.objectNode());
    }
    return others;
  }

  /** A copy in which the member of an object at a place is another, or missing. */
  private static JsonNode changed(
      JsonNode whole, String pointer, String name, @Nullable JsonNode value) {
    JsonNode copy = whole.deepCopy();
    if (copy.at(pointer) instanceof ObjectNode object) {
      if (value == null) {
        object.remove(name);
      } else {
        object.set(name, value);
      }
    }
    return copy;
  }
}
