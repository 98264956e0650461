package io.carechat.api.checked;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.carechat.api.runtime.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Requests whose texts are as long as the contract allows, in characters of which each needs two
 * units of UTF-16, four bytes of UTF-8 and twelve bytes of JSON's escapes. There is one for each
 * text of each operation, in each way to write it.
 */
public final class TextLimits {
  /** An emoji, and a letter that has a capital form. */
  private static final List<String> CHARACTERS = List.of("\ud83d\ude00", "\ud801\udc28");

  private final DescribedOperation operation;
  private final List<Case> cases = new ArrayList<>();

  private TextLimits(DescribedOperation operation) {
    this.operation = operation;
  }

  /**
   * A request with one text at its limit, or one character above it.
   *
   * @param place the parameter or the member
   * @param allowed whether the contract's schema allows the text
   */
  public record Case(
      DescribedOperation operation, String place, boolean allowed, RequestDraft request) {
    @Override
    public String toString() {
      return operation.id() + ": " + place + (allowed ? "" : ", not allowed");
    }
  }

  /** Returns the cases of an operation. */
  public static List<Case> of(DescribedOperation operation) {
    var limits = new TextLimits(operation);
    operation.parameters().forEach(limits::parameter);
    operation.body().ifPresent(body -> limits.members(body, body.schema(), List.of()));
    return List.copyOf(limits.cases);
  }

  /** Returns texts that are just short enough, and texts that are too long by one character. */
  private static List<String> texts(JsonNode schema) {
    int limit = schema.path("maxLength").asInt();
    return CHARACTERS.stream()
        .flatMap(character -> Stream.of(character.repeat(limit), character.repeat(limit + 1)))
        .toList();
  }

  private void parameter(DescribedOperation.Parameter parameter) {
    // Headers have no such characters.
    if (!parameter.schema().has("maxLength") || parameter.in().equals("header")) {
      return;
    }
    for (String text : texts(parameter.schema())) {
      boolean allowed =
          Document.served()
              .faults(parameter.schemaAt(), JsonNodeFactory.instance.textNode(text))
              .isEmpty();
      RequestDraft draft = RequestDraft.of(operation);
      String encoded = RequestDraft.encoded(text);
      add(
          parameter.name(),
          allowed,
          parameter.in().equals("path")
              ? draft.path(draft.path().replace(RequestDraft.encoded(parameter.example()), encoded))
              : draft.withoutQuery(parameter.name()).query(parameter.name() + "=" + encoded));
    }
  }

  private void members(DescribedOperation.Body body, JsonNode schema, List<String> path) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      JsonNode described = Document.served().resolve(property.getValue());
      var place = new ArrayList<>(path);
      place.add(property.getKey());
      if (described.has("properties")) {
        members(body, described, place);
      } else if (described.has("maxLength") || described.path("items").has("maxLength")) {
        member(body, place, described);
      }
    }
  }

  private void member(DescribedOperation.Body body, List<String> place, JsonNode schema) {
    boolean isList = schema.has("items");
    for (String each : texts(isList ? schema.path("items") : schema)) {
      var text = JsonNodeFactory.instance.textNode(each);
      ObjectNode whole = ((ObjectNode) body.examples().getFirst()).deepCopy();
      ObjectNode at = whole;
      JsonNode described = body.schema();
      for (String parent : place.subList(0, place.size() - 1)) {
        described = Document.served().resolve(described.path("properties").path(parent));
        JsonNode present = at.path(parent);
        ObjectNode next = present.isObject() ? (ObjectNode) present : required(described);
        at.set(parent, next);
        at = next;
      }
      JsonNode value = isList ? JsonNodeFactory.instance.arrayNode().add(text) : text;
      at.set(place.getLast(), value);
      boolean allowed = Document.served().faults(body.schemaAt(), whole).isEmpty();
      String name = "/" + String.join("/", place);
      RequestDraft draft = RequestDraft.of(operation);
      add(name, allowed, draft.body(whole));
      add(name + " in escapes", allowed, draft.body(escaped(whole)));
    }
  }

  /** An object with the examples of what its schema requires. */
  private static ObjectNode required(JsonNode schema) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (JsonNode name : schema.path("required")) {
      JsonNode member = Document.served().resolve(schema.path("properties").path(name.asText()));
      JsonNode example = member.path("example");
      object.set(name.asText(), example.isMissingNode() ? member.path("enum").path(0) : example);
    }
    return object;
  }

  /** JSON in ASCII, as Python's {@code json} writes it. */
  public static byte[] escaped(JsonNode value) {
    var out = new ByteArrayOutputStream();
    new String(Json.write(value), StandardCharsets.UTF_8)
        .chars()
        .forEach(unit ->
            out.writeBytes(
                (unit < 0x80 ? String.valueOf((char) unit) : String.format("\\u%04x", unit))
                    .getBytes(StandardCharsets.US_ASCII)));
    return out.toByteArray();
  }

  /**
   * Returns how many bytes a body can have that keeps a schema, if every text is as long as it can
   * be and every character is written as two escapes.
   *
   * @param schema an object's schema, or a part of one
   */
  public static int longest(JsonNode schema) {
    JsonNode described = Document.served().resolve(schema);
    int length = 0;
    for (Map.Entry<String, JsonNode> property : described.path("properties").properties()) {
      length += property.getKey().length() + 4 + longest(property.getValue());
    }
    if (described.has("items")) {
      length += described.path("maxItems").asInt(10) * (longest(described.path("items")) + 1);
    }
    // What has no limit of its own is a time, a UUID, a number or a word.
    return 64 + length + 12 * described.path("maxLength").asInt();
  }

  private void add(String place, boolean allowed, RequestDraft request) {
    cases.add(new Case(operation, place, allowed, request));
  }
}
