import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Run by the build: makes one OpenAPI 3.1 document of the two of OpenAPI 3.0. What we serve is
 * under {@code paths}, what a partner serves under {@code webhooks}, by operationId.
 *
 * <p>Components keep their names; one of the webhooks whose name is taken by another gets {@code
 * Webhook} before it. Schemas become JSON Schema 2020-12: {@code nullable} becomes a second type,
 * an exclusive bound a number, {@code example} the list {@code examples}. What this does not know
 * how to say in 3.1 fails the build.
 */
final class Edition31 {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** What every reader of YAML takes for text, whichever version of YAML it reads. */
  private static final Pattern PLAIN_TEXT =
      Pattern.compile("[A-Za-z#/][A-Za-z0-9_/.#(){}'`,-]*( [A-Za-z0-9_/.(){}'`,-]+)*");

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  /** Keywords whose value is one schema, a list of schemas, or schemas by name. */
  private static final Set<String> ONE = Set.of("items", "additionalProperties", "not");

  private static final Set<String> SEVERAL = Set.of("allOf", "anyOf", "oneOf");

  /** Keywords that mean the same in both versions, or nothing in either. */
  private static final Set<String> UNCHANGED =
      Set.of(
          "title",
          "description",
          "type",
          "format",
          "default",
          "required",
          "deprecated",
          "readOnly",
          "writeOnly",
          "discriminator",
          "externalDocs",
          "multipleOf",
          "minLength",
          "maxLength",
          "pattern",
          "minItems",
          "maxItems",
          "uniqueItems",
          "minProperties",
          "maxProperties");

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Edition31() {}

  /** Takes the folder of openapi.yaml and webhooks.yaml and the folder for the results. */
  public static void main(String[] folders) throws IOException {
    Path from = Path.of(folders[0]);
    YAMLMapper yaml = new YAMLMapper();
    write(
        (ObjectNode) yaml.readTree(from.resolve("openapi.yaml").toFile()),
        (ObjectNode) yaml.readTree(from.resolve("webhooks.yaml").toFile()),
        Files.createDirectories(Path.of(folders[1])));
  }

  /** Writes carechat-3.1.yaml and carechat-3.1.json. The two documents are left as they are. */
  static void write(ObjectNode openapi, ObjectNode webhooks, Path to) throws IOException {
    ObjectNode edition = merged(openapi.deepCopy(), webhooks.deepCopy());
    JSON.writeValue(to.resolve("carechat-3.1.json").toFile(), edition);
    new YAMLMapper(
            YAMLFactory.builder()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .disable(YAMLGenerator.Feature.SPLIT_LINES)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
                .stringQuotingChecker(new Careful())
                .build())
        .writeValue(to.resolve("carechat-3.1.yaml").toFile(), edition);
  }

  private static ObjectNode merged(ObjectNode openapi, ObjectNode webhooks) {
    Map<String, String> renamed = renamed(openapi.path("components"), webhooks.path("components"));
    rename(webhooks, renamed);
    modernise(openapi);
    modernise(webhooks);

    ObjectNode edition = NODES.objectNode();
    edition.put("openapi", "3.1.1");
    ObjectNode info = (ObjectNode) openapi.path("info");
    info.put(
        "description",
        text(openapi, "/info/description")
            + "\n## What a webhook partner serves\n\n"
            // One level below the heading that it now has.
            + text(webhooks, "/info/description").replaceAll("(?m)^##", "###"));
    // OpenAPI 3.1 has an identifier of SPDX for the licence, and allows no url beside it.
    if (info.path("license") instanceof ObjectNode license) {
      license.remove("url");
      license.set("identifier", license.path("name"));
    }
    edition.set("info", info);
    edition.set("servers", openapi.path("servers"));
    ArrayNode tags = edition.putArray("tags");
    Stream.of(openapi, webhooks)
        .flatMap(document -> document.path("tags").valueStream())
        .sorted(Comparator.comparing(tag -> tag.path("name").asText()))
        .forEach(tags::add);
    edition.set("security", openapi.path("security"));
    edition.set("paths", openapi.path("paths"));

    ObjectNode hooks = edition.putObject("webhooks");
    for (JsonNode path : webhooks.path("paths")) {
      for (Map.Entry<String, JsonNode> member : path.properties()) {
        if (METHODS.contains(member.getKey())) {
          ObjectNode operation = (ObjectNode) member.getValue();
          // What holds for the whole document there holds for another one here.
          if (!operation.has("security")) {
            operation.set("security", webhooks.path("security"));
          }
          set(hooks, operation.path("operationId").asText(), NODES.objectNode())
              .set(member.getKey(), operation);
        } else if (!member.getKey().equals("parameters")) {
          throw new IllegalStateException("webhooks: a path with " + member.getKey());
        }
      }
      if (path.has("parameters")) {
        throw new IllegalStateException("webhooks: parameters belong to the operation");
      }
    }

    ObjectNode components = edition.putObject("components");
    for (JsonNode each : List.of(openapi.path("components"), webhooks.path("components"))) {
      for (Map.Entry<String, JsonNode> kind : each.properties()) {
        ObjectNode of = components.withObjectProperty(kind.getKey());
        kind.getValue().properties().forEach(entry -> of.set(entry.getKey(), entry.getValue()));
      }
    }
    return edition;
  }

  private static ObjectNode set(ObjectNode in, String name, ObjectNode value) {
    if (in.has(name)) {
      throw new IllegalStateException("webhooks: two operations are called " + name);
    }
    in.set(name, value);
    return value;
  }

  /**
   * Kind and name of each component of the second that another of the first is called: new name.
   */
  private static Map<String, String> renamed(JsonNode first, JsonNode second) {
    Map<String, String> renamed = new HashMap<>();
    for (Map.Entry<String, JsonNode> kind : second.properties()) {
      JsonNode taken = first.path(kind.getKey());
      for (Map.Entry<String, JsonNode> component : kind.getValue().properties()) {
        String name = component.getKey();
        if (taken.has(name) && !taken.path(name).equals(component.getValue())) {
          String free =
              kind.getKey().equals("securitySchemes")
                  ? "webhook" + Character.toUpperCase(name.charAt(0)) + name.substring(1)
                  : "Webhook" + name;
          if (taken.has(free) || kind.getValue().has(free)) {
            throw new IllegalStateException(kind.getKey() + ": " + free + " is taken too");
          }
          renamed.put(kind.getKey() + "/" + name, free);
        }
      }
    }
    return renamed;
  }

  private static void rename(ObjectNode document, Map<String, String> renamed) {
    for (Map.Entry<String, JsonNode> kind : document.path("components").properties()) {
      ObjectNode components = (ObjectNode) kind.getValue();
      ObjectNode kept = components.deepCopy();
      components.removeAll();
      for (Map.Entry<String, JsonNode> component : kept.properties()) {
        String name = component.getKey();
        components.set(
            renamed.getOrDefault(kind.getKey() + "/" + name, name), component.getValue());
      }
    }
    renameReferences(document, renamed);
    renameSecurity(document.path("security"), renamed);
    for (JsonNode path : document.path("paths")) {
      for (JsonNode operation : path) {
        renameSecurity(operation.path("security"), renamed);
      }
    }
  }

  private static void renameReferences(JsonNode node, Map<String, String> renamed) {
    if (node.path("$ref").isTextual()) {
      String[] parts = node.path("$ref").asText().split("/", 4);
      String name = renamed.get(parts[2] + "/" + parts[3]);
      if (name != null) {
        ((ObjectNode) node).put("$ref", "#/components/" + parts[2] + "/" + name);
      }
    }
    for (JsonNode each : node) {
      renameReferences(each, renamed);
    }
  }

  private static void renameSecurity(JsonNode alternatives, Map<String, String> renamed) {
    for (JsonNode alternative : alternatives) {
      ObjectNode schemes = (ObjectNode) alternative;
      ObjectNode kept = schemes.deepCopy();
      schemes.removeAll();
      kept.properties()
          .forEach(scheme ->
              schemes.set(
                  renamed.getOrDefault("securitySchemes/" + scheme.getKey(), scheme.getKey()),
                  scheme.getValue()));
    }
  }

  /** Turns every schema of a document into one of JSON Schema 2020-12. */
  private static void modernise(ObjectNode document) {
    ObjectNode schemas = (ObjectNode) document.at("/components/schemas");
    schemas.properties().forEach(schema -> schema.setValue(schema(schema.getValue())));
    moderniseIn(document);
  }

  private static void moderniseIn(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        switch (member.getKey()) {
          case "schema" -> member.setValue(schema(member.getValue()));
          // Data, and schemas that are done already.
          case "example", "examples", "schemas" -> {}
          default -> moderniseIn(member.getValue());
        }
      }
    } else {
      node.forEach(Edition31::moderniseIn);
    }
  }

  private static JsonNode schema(JsonNode node) {
    if (node.isBoolean() || node.has("$ref")) {
      return node;
    }
    ObjectNode schema = NODES.objectNode();
    boolean nullable = node.path("nullable").asBoolean();
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      String keyword = member.getKey();
      JsonNode value = member.getValue();
      switch (keyword) {
        case "nullable" -> {}
        case "type" ->
            schema.set("type", nullable ? NODES.arrayNode().add(value).add("null") : value);
        case "enum" -> {
          ArrayNode values = schema.putArray("enum");
          value.forEach(values::add);
          // In 3.0 too an enum has to list null, but not everybody knows.
          if (nullable && !values.valueStream().anyMatch(JsonNode::isNull)) {
            values.addNull();
          }
        }
        case "example" -> schema.putArray("examples").add(value);
        case "minimum" ->
            schema.set(isExclusive(node, "Minimum") ? "exclusiveMinimum" : "minimum", value);
        case "maximum" ->
            schema.set(isExclusive(node, "Maximum") ? "exclusiveMaximum" : "maximum", value);
        case "exclusiveMinimum", "exclusiveMaximum" -> {}
        case "properties" -> {
          ObjectNode properties = schema.putObject("properties");
          value
              .properties()
              .forEach(each -> properties.set(each.getKey(), schema(each.getValue())));
        }
        default -> {
          if (ONE.contains(keyword)) {
            schema.set(keyword, schema(value));
          } else if (SEVERAL.contains(keyword)) {
            ArrayNode branches = schema.putArray(keyword);
            value.forEach(branch -> branches.add(schema(branch)));
          } else if (UNCHANGED.contains(keyword) || keyword.startsWith("x-")) {
            schema.set(keyword, value);
          } else {
            throw new IllegalStateException("no way to say in OpenAPI 3.1: " + keyword);
          }
        }
      }
    }
    String format = node.path("format").asText();
    if (nullable && !node.has("type") || Set.of("binary", "byte").contains(format)) {
      throw new IllegalStateException("no way to say in OpenAPI 3.1: " + node);
    }
    return schema;
  }

  private static boolean isExclusive(JsonNode schema, String bound) {
    return schema.path("exclusive" + bound).asBoolean();
  }

  private static String text(JsonNode document, String pointer) {
    return ((TextNode) document.at(pointer)).textValue();
  }

  /** Quotes whatever might be taken for something else than text. */
  private static final class Careful extends StringQuotingChecker {

    private static final long serialVersionUID = 1L;

    @Override
    public boolean needToQuoteName(String name) {
      return !PLAIN_TEXT.matcher(name).matches() || isReservedKeyword(name);
    }

    @Override
    public boolean needToQuoteValue(String value) {
      return !PLAIN_TEXT.matcher(value).matches()
          || value.startsWith("#")
          || isReservedKeyword(value);
    }
  }
}
