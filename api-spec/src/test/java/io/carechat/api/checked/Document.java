package io.carechat.api.checked;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.format.Format;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Json;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the two published documents, read by other code than the service's own, which is under
 * test. Places in it are JSON Pointers (RFC 6901) from its root. Safe for any thread.
 */
public final class Document {
  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
  private static final Pattern SCOPE = Pattern.compile("Needs the scopes? `([^`]+)`");
  private static final Pattern BRACED = Pattern.compile("\\{[^}]*}");

  private final String iri;
  private final JsonNode root;
  private final SchemaRegistry schemas;
  private final List<DescribedOperation> operations = new ArrayList<>();

  private Document(String file) {
    byte[] bytes = Contract.file(file);
    iri = "https://checked.invalid/" + file;
    root = asHeld(Json.read(bytes));
    schemas =
        SchemaRegistry.withDialect(
            Dialect.builder(Dialects.getOpenApi30()).format(new Moments()).build(),
            builder ->
                builder
                    .schemas(Map.of(iri, root.toString()))
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
    for (Map.Entry<String, JsonNode> path : root.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          operations.add(read(path.getKey(), method.getKey(), method.getValue()));
        }
      }
    }
  }

  /**
   * Moments as RFC 3339 has them, with {@code -00:00}, leap seconds and small letters too, which
   * Java or the library refuses; and without the offset's colon, which the service takes from
   * clients that were generated for Python.
   */
  private static final class Moments implements Format {
    private static final Pattern FORM =
        Pattern.compile("\\d{4}-\\d\\d-\\d\\d[Tt][0-9:]{8}(\\.\\d+)?([Zz]|[+-]\\d\\d:?\\d\\d)");

    @Override
    public String getName() {
      return "date-time";
    }

    @Override
    public boolean matches(ExecutionContext context, String value) {
      if (!FORM.matcher(value).matches()) {
        return false;
      }
      try {
        String usual =
            value
                .toUpperCase(java.util.Locale.ROOT)
                .replaceFirst("(\\.\\d{9})\\d+", "$1")
                .replaceFirst("([+-]\\d\\d):?(\\d\\d)$", "$1:$2");
        // Java knows no leap seconds, and no offsets of more than 18 hours.
        String known =
            usual
                .replaceFirst(":60(?=[.Z+-])", ":59")
                .replaceFirst("[+-]([01]\\d|2[0-3]):[0-5]\\d$", "Z");
        return !OffsetDateTime.parse(known).equals(OffsetDateTime.MIN);
      } catch (DateTimeException e) {
        return false;
      }
    }
  }

  private static final class Served {
    private static final Document DOCUMENT = new Document("openapi.json");
  }

  private static final class Received {
    private static final Document DOCUMENT = new Document("webhooks.json");
  }

  /** What the service serves. */
  public static Document served() {
    return Served.DOCUMENT;
  }

  /** What a webhook partner serves. */
  public static Document received() {
    return Received.DOCUMENT;
  }

  /**
   * A document as the service holds it: where it says so by {@code x-carechat-pattern}, another
   * pattern than the published one, which every engine must be able to read, or none.
   *
   * @param document is left as it is
   */
  public static JsonNode asHeld(JsonNode document) {
    JsonNode held = document.deepCopy();
    for (JsonNode node : held.findParents("x-carechat-pattern")) {
      ObjectNode schema = (ObjectNode) node;
      JsonNode pattern = schema.remove("x-carechat-pattern");
      if (pattern.asText().isEmpty()) {
        schema.remove("pattern");
      } else {
        schema.set("pattern", pattern);
      }
    }
    return held;
  }

  /**
   * Removes what a request says by null and might as well have left out: its optional members.
   *
   * @param schema where the schema of the value is
   */
  void removeOptionalNulls(String schema, JsonNode value) {
    removeOptionalNulls(root.at(schema), value);
  }

  private void removeOptionalNulls(JsonNode schema, JsonNode value) {
    JsonNode resolved = resolve(schema);
    Set<String> required = new HashSet<>();
    resolved.path("required").forEach(name -> required.add(name.asText()));
    for (Map.Entry<String, JsonNode> member : resolved.path("properties").properties()) {
      JsonNode present = value.path(member.getKey());
      if (present.isNull() && !required.contains(member.getKey())) {
        ((ObjectNode) value).remove(member.getKey());
      } else {
        removeOptionalNulls(member.getValue(), present);
      }
    }
  }

  /** Every operation, in the document's order. */
  public List<DescribedOperation> operations() {
    return List.copyOf(operations);
  }

  /**
   * The operations at a path as it was asked for, without its query: those of the one route that
   * has it, literal segments going before parameters. Empty if there is none.
   */
  List<DescribedOperation> at(String path) {
    Optional<String> route =
        operations.stream()
            .filter(operation -> pattern(operation.route()).matcher(path).matches())
            .map(DescribedOperation::route)
            .min(Comparator.comparingInt(each -> each.length() - each.replace("{", "").length()));
    return operations.stream()
        .filter(operation -> route.filter(operation.route()::equals).isPresent())
        .toList();
  }

  /** A path's values of the parameters of a route, escapes and all; the path must be of it. */
  static List<String> values(String route, String path) {
    Matcher matcher = pattern(route).matcher(path);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(path + " is not of " + route);
    }
    List<String> values = new ArrayList<>();
    for (int i = 1; i <= matcher.groupCount(); i++) {
      values.add(matcher.group(i));
    }
    return values;
  }

  private static Pattern pattern(String route) {
    StringBuilder pattern = new StringBuilder();
    int from = 0;
    Matcher braced = BRACED.matcher(route);
    while (braced.find()) {
      pattern.append(Pattern.quote(route.substring(from, braced.start()))).append("([^/]+)");
      from = braced.end();
    }
    return Pattern.compile(pattern + Pattern.quote(route.substring(from)));
  }

  /** Whether an operation answers with a stream of events, which need not end. */
  public boolean isStream(DescribedOperation operation) {
    return root.at(operation.pointer() + "/responses")
        .valueStream()
        .anyMatch(response -> resolve(response).path("content").has("text/event-stream"));
  }

  /** What is at a place, or a missing node. */
  JsonNode node(String pointer) {
    return root.at(pointer);
  }

  /** Where what a place refers to is. */
  String resolve(String pointer) {
    JsonNode node = root.at(pointer);
    return node.has("$ref") ? resolve(node.path("$ref").asText().substring(1)) : pointer;
  }

  /** What a place refers to. */
  public JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? resolve(root.at(node.path("$ref").asText().substring(1))) : node;
  }

  /** A segment of a pointer. */
  static String escape(String segment) {
    return segment.replace("~", "~0").replace("/", "~1");
  }

  /** How a value breaks the schema at a place, a JSON Pointer; empty if it keeps it. */
  public List<String> faults(String schema, JsonNode value) {
    return schemas.getSchema(SchemaLocation.of(iri + "#" + schema)).validate(value).stream()
        .map(Error::toString)
        .toList();
  }

  /**
   * The members of a value that its schema does not name, as pointers into the value. OpenAPI
   * allows any unless it is told otherwise; what we write ourselves must be described all the same.
   */
  List<String> undescribed(String schema, JsonNode value) {
    List<String> found = new ArrayList<>();
    undescribed(List.of(root.at(schema)), value, "", found);
    return found;
  }

  private void undescribed(List<JsonNode> schemas, JsonNode value, String at, List<String> found) {
    List<JsonNode> parts = new ArrayList<>();
    schemas.forEach(schema -> parts(schema, parts));
    if (value.isArray()) {
      List<JsonNode> items =
          parts.stream().map(part -> part.path("items")).filter(each -> !each.isEmpty()).toList();
      for (int i = 0; i < value.size(); i++) {
        undescribed(items, value.get(i), at + "/" + i, found);
      }
      return;
    }
    boolean open =
        parts.stream()
            .anyMatch(part ->
                part.path("additionalProperties").isObject()
                    || part.path("additionalProperties").asBoolean());
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      List<JsonNode> described =
          parts.stream()
              .map(part -> part.path("properties").path(member.getKey()))
              .filter(each -> !each.isMissingNode())
              .toList();
      String place = at + "/" + escape(member.getKey());
      if (!described.isEmpty()) {
        undescribed(described, member.getValue(), place, found);
      } else if (!open) {
        found.add(place);
      }
    }
  }

  private void parts(JsonNode schema, List<JsonNode> to) {
    JsonNode resolved = resolve(schema);
    to.add(resolved);
    for (String composed : List.of("allOf", "oneOf", "anyOf")) {
      resolved.path(composed).forEach(part -> parts(part, to));
    }
  }

  private DescribedOperation read(String route, String method, JsonNode node) {
    String path = "/paths/" + escape(route);
    String pointer = path + "/" + method;
    List<DescribedOperation.Parameter> parameters = new ArrayList<>();
    Set<String> own = new HashSet<>();
    for (String place : List.of(pointer, path)) {
      JsonNode list = root.at(place + "/parameters");
      for (int i = 0; i < list.size(); i++) {
        String at = resolve(place + "/parameters/" + i);
        JsonNode parameter = root.at(at);
        String name = parameter.path("name").asText();
        String in = parameter.path("in").asText();
        // An operation's own goes before its path's of the same name.
        if (own.add(in + " " + name)) {
          String schemaAt = resolve(at + "/schema");
          JsonNode schema = root.at(schemaAt);
          parameters.add(
              new DescribedOperation.Parameter(
                  name,
                  in,
                  parameter.path("required").asBoolean(),
                  at + "/schema",
                  schema,
                  parameter.path("example").asText(schema.path("example").asText())));
        }
      }
    }
    Set<String> statuses = new LinkedHashSet<>();
    node.path("responses").fieldNames().forEachRemaining(statuses::add);
    Matcher scope = SCOPE.matcher(node.path("description").asText());
    return new DescribedOperation(
        node.path("operationId").asText(),
        method.toUpperCase(java.util.Locale.ROOT),
        route,
        pointer,
        parameters,
        body(pointer + "/requestBody"),
        statuses,
        scope.find() ? Optional.of(scope.group(1)) : Optional.empty(),
        !node.path("security").isArray() || !node.path("security").isEmpty());
  }

  private Optional<DescribedOperation.Body> body(String pointer) {
    String at = resolve(pointer);
    JsonNode body = root.at(at);
    return body.path("content").properties().stream()
        .findFirst()
        .map(content -> {
          List<JsonNode> examples = new ArrayList<>();
          content
              .getValue()
              .path("examples")
              .forEach(example -> examples.add(resolve(example).path("value")));
          String schema = at + "/content/" + escape(content.getKey()) + "/schema";
          return new DescribedOperation.Body(
              content.getKey(),
              body.path("required").asBoolean(),
              schema,
              resolve(root.at(schema)),
              examples,
              body.path("x-carechat-max-bytes").asInt());
        });
  }
}
