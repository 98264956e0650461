package io.carechat.api.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.format.Format;
import com.networknt.schema.keyword.NonValidationKeyword;
import com.networknt.schema.path.PathType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The contract at run time: {@code openapi.json} from this jar. It is read once. Safe for use by
 * many threads.
 */
public final class Contract {

  private static final String IRI = "https://carechat.invalid/openapi.json";
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

  /**
   * What the service holds a text to, in Java's form, where that is not the schema's {@code
   * pattern}: a pattern for everybody cannot say everything. Empty if the service checks the form
   * in another way.
   */
  private static final String OWN_PATTERN = "x-carechat-pattern";

  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final JsonNode document;
  private final SchemaRegistry schemas;
  private final Map<String, Operation> operations = new LinkedHashMap<>();
  private final Map<String, RequestCheck> checks = new LinkedHashMap<>();
  private final Map<String, Deprecation> deprecations = new LinkedHashMap<>();

  /** Reads an OpenAPI 3.0 document in JSON. */
  Contract(byte[] json) {
    document = Json.read(json);
    useOwnPatterns(document);
    String text = document.toString();
    schemas =
        SchemaRegistry.withDialect(
            dialect(),
            builder ->
                builder
                    .schemas(Map.of(IRI, text))
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder()
                            .pathType(PathType.JSON_POINTER)
                            .formatAssertionsEnabled(true)
                            .build()));
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          read(path.getKey(), path.getValue(), method.getKey(), method.getValue());
        }
      }
    }
  }

  /**
   * Returns an operation by its {@code operationId}.
   *
   * @throws IllegalArgumentException if the contract has no such operation
   */
  public static Operation operation(String id) {
    return published().named(id);
  }

  /** Returns the contract that is published. */
  static Contract published() {
    return Holder.CONTRACT;
  }

  /** Returns an operation of this document, as {@link #operation} does. */
  Operation named(String id) {
    Operation operation = operations.get(id);
    if (operation == null) {
      throw new IllegalArgumentException("the contract has no operation " + id);
    }
    return operation;
  }

  /** Returns all operations, in the contract's order. */
  public static List<Operation> operations() {
    return List.copyOf(Holder.CONTRACT.operations.values());
  }

  /**
   * Whether a request may have a body: false only if the contract has its operation, without one.
   * For requests that the router never sees; the router itself is told by {@link #check}.
   *
   * @param method in capitals; {@code HEAD} asks for what {@code GET} does
   * @param path without the query
   */
  public static boolean mayHaveBody(String method, String path) {
    return published().allowsBody(method.equals("HEAD") ? "GET" : method, path);
  }

  private boolean allowsBody(String method, String path) {
    String[] segments = path.split("/", -1);
    List<Operation> there =
        operations.values().stream()
            .filter(operation -> operation.method().equals(method))
            .filter(operation -> isAt(operation.route().split("/", -1), segments))
            .toList();
    return there.isEmpty() || there.stream().anyMatch(operation -> check(operation).hasBody());
  }

  private static boolean isAt(String[] route, String[] segments) {
    if (route.length != segments.length) {
      return false;
    }
    for (int i = 0; i < route.length; i++) {
      if (!route[i].startsWith("{") && !route[i].equals(segments[i])) {
        return false;
      }
    }
    return true;
  }

  /** Returns all codes that a problem may have, in the contract's order. */
  public static List<String> problemCodes() {
    List<String> codes = new ArrayList<>();
    Holder.CONTRACT
        .document
        .at("/components/schemas/Problem/properties/code/x-carechat-codes")
        .forEach(code -> codes.add(code.textValue()));
    return List.copyOf(codes);
  }

  /**
   * Returns a published file: {@code openapi.yaml}, {@code openapi.json}, {@code webhooks.yaml},
   * {@code webhooks.json}, {@code docs.html}, {@code carechat-3.1.yaml} or {@code
   * carechat-3.1.json}. The last two contain both documents in one of OpenAPI 3.1. Each call
   * returns a new array.
   *
   * @throws IllegalArgumentException if there is no such file
   */
  public static byte[] file(String name) {
    try (InputStream in = Contract.class.getResourceAsStream("/io/carechat/api/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("the contract has no file " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the check of the requests for an operation.
   *
   * @throws IllegalArgumentException if the contract has no such operation
   */
  RequestCheck check(Operation operation) {
    RequestCheck check = checks.get(operation.id());
    if (check == null) {
      throw new IllegalArgumentException("the contract has no operation " + operation.id());
    }
    return check;
  }

  /** Returns the deprecation of an operation; null if it is not deprecated. */
  @Nullable Deprecation deprecation(Operation operation) {
    return deprecations.get(operation.id());
  }

  private void read(String route, JsonNode path, String method, JsonNode node) {
    String id = node.path("operationId").asText();
    String group = node.path("x-carechat-group").asText("meta");
    Deprecation deprecation = Deprecation.of(node);
    if (deprecation != null) {
      deprecations.put(id, deprecation);
    }

    String pathPointer = "/paths/" + ConstraintMessages.escape(route);
    List<RequestCheck.Parameter> parameters = new ArrayList<>();
    parameters(pathPointer + "/parameters", path.path("parameters"), parameters);
    String pointer = pathPointer + "/" + method;
    parameters(pointer + "/parameters", node.path("parameters"), parameters);

    operations.put(
        id,
        new Operation(
            id,
            method.toUpperCase(java.util.Locale.ROOT),
            route,
            group,
            parameters.stream()
                .map(RequestCheck.Parameter::name)
                .collect(Collectors.toUnmodifiableSet())));

    RequestCheck.@Nullable Body body = null;
    JsonNode requestBody = node.path("requestBody");
    if (!requestBody.isMissingNode()) {
      body =
          new RequestCheck.Body(
              schema(pointer + "/requestBody/content/application~1json/schema"),
              new NullMembers(document, requestBody.at("/content/application~1json/schema")),
              requestBody.path("x-carechat-max-bytes").asInt());
    }
    checks.put(
        id,
        new RequestCheck(parameters, body, responseTypes(node), new ConstraintMessages(document)));
  }

  /**
   * Returns the media types of an operation's successful response. If that response has no body,
   * these are JSON and problems. Generated clients then ask only for problems, because the contract
   * describes no other body.
   */
  private List<String> responseTypes(JsonNode operation) {
    for (Map.Entry<String, JsonNode> response : operation.path("responses").properties()) {
      if (response.getKey().charAt(0) == '2') {
        String reference = response.getValue().path("$ref").asText();
        JsonNode answer =
            reference.isEmpty() ? response.getValue() : document.at(reference.substring(1));
        for (Map.Entry<String, JsonNode> media : answer.path("content").properties()) {
          return List.of(media.getKey());
        }
      }
    }
    return List.of("application/json", "application/problem+json");
  }

  private void parameters(String pointer, JsonNode list, List<RequestCheck.Parameter> to) {
    for (int i = 0; i < list.size(); i++) {
      String at = list.get(i).path("$ref").asText("#" + pointer + "/" + i).substring(1);
      JsonNode parameter = document.at(at);
      JsonNode schema = parameter.path("schema");
      if (schema.has("$ref")) {
        schema = document.at(schema.path("$ref").asText().substring(1));
      }
      to.add(
          new RequestCheck.Parameter(
              parameter.path("name").asText(),
              RequestCheck.Location.of(parameter.path("in").asText()),
              parameter.path("required").asBoolean(),
              RequestCheck.Kind.of(schema.path("type").asText()),
              schema.path("format").asText().equals("date-time"),
              schema(at + "/schema")));
    }
  }

  private static void useOwnPatterns(JsonNode node) {
    if (node instanceof ObjectNode schema && schema.has(OWN_PATTERN)) {
      String own = schema.remove(OWN_PATTERN).asText();
      if (own.isEmpty()) {
        schema.remove("pattern");
      } else {
        schema.put("pattern", own);
      }
    }
    node.forEach(Contract::useOwnPatterns);
  }

  private Schema schema(String pointer) {
    Schema schema = schemas.getSchema(SchemaLocation.of(IRI + "#" + pointer));
    schema.initializeValidators();
    return schema;
  }

  private static Dialect dialect() {
    return Dialect.builder(Dialects.getOpenApi30())
        // The library's own checks accept values that the models cannot hold: other forms of UUIDs,
        // and leap seconds.
        .format(format("uuid", text -> UUID_TEXT.matcher(text).matches()))
        .format(format("date-time", text -> Rfc3339.parse(text).isPresent()))
        .keyword(new NonValidationKeyword(ConstraintMessages.RULE))
        .keyword(new NonValidationKeyword("x-carechat-codes"))
        .keyword(new NonValidationKeyword("x-carechat-more-values"))
        .build();
  }

  private static Format format(String name, Predicate<String> test) {
    return new Format() {
      @Override
      public String getName() {
        return name;
      }

      @Override
      public boolean matches(ExecutionContext context, String value) {
        return test.test(value);
      }
    };
  }

  /** Reads the contract when it is first needed. */
  private static final class Holder {
    private static final Contract CONTRACT = new Contract(file("openapi.json"));
  }
}
