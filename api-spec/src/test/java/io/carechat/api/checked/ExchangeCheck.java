package io.carechat.api.checked;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Json;
import io.carechat.api.runtime.RequestRefused;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Holds what was exchanged with the service against the contract: every answer must be described
 * for its operation, with its headers, its media type and no member more; and what was granted must
 * have been a request that the contract describes.
 */
public final class ExchangeCheck {
  private static final Document SERVED = Document.served();

  /** What the parser and the router answer before an operation is known. */
  private static final Set<String> BEFORE_ANY_OPERATION =
      Set.of("400", "404", "405", "413", "414", "415", "431", "503");

  /** Paths that are of no operation, whatever they resemble: the contract says so in its words. */
  private static final Pattern NOT_PLAIN =
      Pattern.compile(
          "//|;|[^!-~]|[\\\\<>\"{}|^`]|(?i)%(2f|5c|[01].|7f)|%(?![0-9a-fA-F]{2})"
              + "|(?i)/(\\.|%2e){1,2}(/|$)");

  /**
   * Paths of the page for people, which the contract says are none of its own. The rest of them is
   * like those of the contract: the id of the request, and that errors are problems.
   */
  private static final Pattern OF_THE_PAGE =
      Pattern.compile(
          "/sign-in|/session(/.*)?|/console/.+"
              + "|/(?!(api|health|problems|console|session|sign-in|docs|metrics)/)"
              + "[a-z0-9][a-z0-9-]{0,62}/[a-z0-9][a-z0-9-]{0,62}"
              + "(/patients/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?");

  private final Exchange exchange;
  private final List<String> faults = new ArrayList<>();

  private ExchangeCheck(Exchange exchange) {
    this.exchange = exchange;
  }

  /**
   * Checks an exchange, and writes down what it was an example of.
   *
   * @throws AssertionError with everything that the contract does not describe
   */
  public static void check(Exchange exchange) {
    var check = new ExchangeCheck(exchange);
    check.run();
    if (!check.faults.isEmpty()) {
      throw new AssertionError(
          "Not as the contract describes it:\n- "
              + String.join("\n- ", check.faults)
              + "\n"
              + exchange);
    }
  }

  /**
   * Checks something that is not the whole of an answer, such as an event of a stream.
   *
   * @param schema the name of a schema of the contract
   * @throws AssertionError with everything that the schema does not describe
   */
  public static void checkSchema(String schema, JsonNode value) {
    String at = "/components/schemas/" + schema;
    List<String> faults = new ArrayList<>(SERVED.faults(at, value));
    faults.addAll(SERVED.undescribed(at, value));
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "Not a " + schema + " as the contract describes it:\n- " + String.join("\n- ", faults));
    }
  }

  private void expect(boolean is, String fault) {
    if (!is) {
      faults.add(fault);
    }
  }

  private void run() {
    expect(exchange.header("X-Request-Id").size() == 1, "there must be one X-Request-Id");
    expect(exchange.header("X-Content-Type-Options").equals(List.of("nosniff")), "not nosniff");
    List<DescribedOperation> there =
        NOT_PLAIN.matcher(exchange.path()).find() ? List.of() : SERVED.at(exchange.path());
    if (there.isEmpty() && OF_THE_PAGE.matcher(exchange.path()).matches()) {
      ofThePage();
      return;
    }
    expect(exchange.header("Cache-Control").equals(List.of("no-store")), "not no-store");
    if (exchange.method().equals("OPTIONS") && exchange.status() == 204) {
      expect(exchange.header("Allow").size() == 1, "there must be one Allow");
      return;
    }
    String asked = exchange.method().equals("HEAD") ? "GET" : exchange.method();
    String status = String.valueOf(exchange.status());
    List<DescribedOperation> answering =
        there.stream()
            // 405 is what a path's operations say of all the methods that are none of them.
            .filter(operation -> operation.method().equals(asked) || status.equals("405"))
            .filter(operation -> operation.statuses().contains(status))
            .toList();
    if (answering.isEmpty()) {
      beforeAnyOperation(
          there.stream()
              .anyMatch(operation -> operation.secured() && operation.method().equals(asked)));
    }
    for (DescribedOperation operation : answering) {
      described(operation, SERVED.resolve(operation.pointer() + "/responses/" + status));
    }
    if (exchange.status() < 300 && exchange.isRequestKnown()) {
      answering.forEach(this::granted);
    }
    if (exchange.mediaType().equals("application/problem+json") && !isHead()) {
      problem();
    }
    if (faults.isEmpty() && !isHead()) {
      answering.forEach(operation -> Exercised.note(operation.id(), status));
    }
  }

  private void ofThePage() {
    if (exchange.status() >= 400) {
      expect(
          exchange.mediaType().equals("application/problem+json"),
          "a refusal must be application/problem+json, not " + exchange.mediaType());
      if (!isHead()) {
        body("/components/schemas/Problem");
        problem();
      }
    }
  }

  private boolean isHead() {
    return exchange.method().equals("HEAD");
  }

  // --- answers ---

  /** An operation that needs a credential describes everything; a path may have none at all. */
  private void beforeAnyOperation(boolean securedOperation) {
    String status = String.valueOf(exchange.status());
    expect(
        !securedOperation && BEFORE_ANY_OPERATION.contains(status),
        "the status " + status + " is not described");
    expect(
        exchange.mediaType().equals("application/problem+json"),
        "a refusal must be application/problem+json, not " + exchange.mediaType());
    if (!isHead()) {
      body("/components/schemas/Problem");
    }
  }

  private void described(DescribedOperation operation, String pointer) {
    for (Map.Entry<String, JsonNode> header : SERVED.node(pointer).path("headers").properties()) {
      header(
          header.getKey(),
          SERVED.resolve(pointer + "/headers/" + Document.escape(header.getKey())));
    }
    JsonNode content = SERVED.node(pointer).path("content");
    if (content.isMissingNode()) {
      expect(exchange.body().length == 0, "there is a body, and none is described");
      return;
    }
    String type = exchange.mediaType();
    expect(content.has(type), operation.id() + " describes no answer of the type '" + type + "'");
    if (isHead()) {
      expect(exchange.body().length == 0, "an answer to HEAD has no body");
    } else if (content.has(type) && type.endsWith("json")) {
      body(pointer + "/content/" + Document.escape(type) + "/schema");
    }
  }

  private void header(String name, String pointer) {
    JsonNode description = SERVED.node(pointer);
    List<String> values = exchange.header(name);
    expect(
        values.size() == 1 || (values.isEmpty() && !description.path("required").asBoolean()),
        "the header " + name + " is there " + values.size() + " times");
    for (String value : values) {
      String schema = SERVED.resolve(pointer + "/schema");
      value(SERVED.node(schema).path("type").asText(), value)
          .forEach(
              fault -> faults.add("the header " + name + " " + fault),
              json ->
                  SERVED
                      .faults(schema, json)
                      .forEach(fault -> faults.add("the header " + name + ": " + fault)));
    }
  }

  private void body(String schema) {
    JsonNode json;
    try {
      json = Json.read(exchange.body());
    } catch (RequestRefused e) {
      faults.add("the body is not JSON");
      return;
    }
    SERVED.faults(schema, json).forEach(fault -> faults.add("the body: " + fault));
    SERVED
        .undescribed(schema, json)
        .forEach(member -> faults.add("the body's member " + member + " is not described"));
  }

  /** What all problems have in common. */
  private void problem() {
    JsonNode json;
    try {
      json = Json.read(exchange.body());
    } catch (RequestRefused e) {
      return;
    }
    String code = json.path("code").asText();
    expect(json.path("status").asInt() == exchange.status(), "the problem has another status");
    expect(
        exchange.header("X-Request-Id").contains(json.path("instance").asText()),
        "the problem's instance is not the X-Request-Id");
    expect(Contract.problemCodes().contains(code), "the code '" + code + "' is not described");
    expect(json.path("type").asText().equals("/problems/" + code), "the type is not the code's");
    boolean listsFaults =
        Set.of("invalid-request", "invalid-page-token", "unknown-position").contains(code);
    expect(
        listsFaults || json.path("errors").isEmpty(), "only broken requests have a list of faults");
    for (JsonNode fault : json.path("errors")) {
      expect(
          fault.path("parameter").isNull() != fault.path("pointer").isNull(),
          "a fault must be in a parameter or in the body");
    }
  }

  // --- requests ---

  private void granted(DescribedOperation operation) {
    List<String> pathValues = Document.values(operation.route(), exchange.path());
    Map<String, String> inPath = new HashMap<>();
    int at = 0;
    for (String part : operation.route().split("/", -1)) {
      if (part.startsWith("{")) {
        inPath.put(part.substring(1, part.length() - 1), pathValues.get(at++));
      }
    }
    Map<String, List<String>> inQuery = new HashMap<>();
    for (String each : exchange.query().split("&", -1)) {
      if (!each.isEmpty()) {
        String[] pair = each.split("=", 2);
        inQuery
            .computeIfAbsent(decoded(pair[0]), name -> new ArrayList<>())
            .add(pair.length == 1 ? "" : decoded(pair[1]));
      }
    }
    Set<String> names = new HashSet<>();
    for (DescribedOperation.Parameter parameter : operation.parameters()) {
      List<String> values =
          switch (parameter.in()) {
            case "path" -> List.of(decoded(inPath.getOrDefault(parameter.name(), "")));
            case "query" -> inQuery.getOrDefault(parameter.name(), List.of());
            default -> exchange.requestHeader(parameter.name());
          };
      if (parameter.in().equals("query")) {
        names.add(parameter.name());
      }
      parameter(parameter, values);
    }
    // Files and pages, which need no credential, look at no query.
    inQuery.keySet().stream()
        .filter(name -> operation.secured() && !names.contains(name))
        .forEach(name -> faults.add("granted, though the parameter " + name + " is not described"));
    operation.body().ifPresent(this::grantedBody);
  }

  private void parameter(DescribedOperation.Parameter parameter, List<String> values) {
    String what = "granted, though the parameter " + parameter.name() + " ";
    expect(values.size() < 2, what + "is there twice");
    expect(!values.isEmpty() || !parameter.required(), what + "is missing");
    boolean hasNoSpaces = parameter.schema().path("format").asText().equals("date-time");
    for (String value : values) {
      // A plus sign that was written as a space can be nothing else.
      value(parameter.schema().path("type").asText(), hasNoSpaces ? value.replace(' ', '+') : value)
          .forEach(
              fault -> faults.add(what + fault),
              json ->
                  SERVED
                      .faults(parameter.schemaAt(), json)
                      .forEach(fault -> faults.add(what + "is wrong: " + fault)));
    }
  }

  private void grantedBody(DescribedOperation.Body body) {
    if (exchange.requestBody().length == 0) {
      expect(!body.required(), "granted, though the body is missing");
      return;
    }
    List<String> types = exchange.requestHeader("Content-Type");
    expect(
        types.size() == 1
            && types.getFirst().replaceFirst(";.*", "").trim().equalsIgnoreCase(body.mediaType()),
        "granted, though the body's type was " + types);
    expect(
        body.maxBytes() == 0 || exchange.requestBody().length <= body.maxBytes(),
        "granted, though the body was too long");
    try {
      JsonNode value = Json.read(withoutByteOrderMark(exchange.requestBody()));
      SERVED.removeOptionalNulls(body.schemaAt(), value);
      SERVED
          .faults(body.schemaAt(), value)
          .forEach(fault -> faults.add("granted, though the body is wrong: " + fault));
    } catch (RequestRefused e) {
      faults.add("granted, though the body is not JSON");
    }
  }

  /** The mark may be there, and says nothing. */
  private static byte[] withoutByteOrderMark(byte[] body) {
    String text = new String(body, StandardCharsets.ISO_8859_1);
    return text.startsWith("\u00ef\u00bb\u00bf")
        ? text.substring(3).getBytes(StandardCharsets.ISO_8859_1)
        : body;
  }

  /** A plus sign is one, and no space, in our addresses. */
  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** A parameter's or header's text as a value of a type. */
  private static Read value(String type, String text) {
    return switch (type) {
      case "integer" ->
          text.matches("-?[0-9]{1,18}")
              ? new Read.Value(LongNode.valueOf(Long.parseLong(text)))
              : new Read.Unreadable("is not a whole number: " + text);
      case "boolean" ->
          text.equals("true") || text.equals("false")
              ? new Read.Value(BooleanNode.valueOf(text.equals("true")))
              : new Read.Unreadable("is neither true nor false: " + text);
      default -> new Read.Value(TextNode.valueOf(text));
    };
  }

  private sealed interface Read {
    record Value(JsonNode json) implements Read {}

    record Unreadable(String fault) implements Read {}

    default void forEach(
        java.util.function.Consumer<String> ofFault, java.util.function.Consumer<JsonNode> ofJson) {
      switch (this) {
        case Value(var json) -> ofJson.accept(json);
        case Unreadable(var fault) -> ofFault.accept(fault);
      }
    }
  }
}
