package io.carechat.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Json;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Holds answers against the contract, as it is published. */
final class Described {
  private static final String IRI = "https://test.invalid/openapi.json";
  private static final byte[] FILE = Contract.file("openapi.json");
  private static final JsonNode ROOT = Json.read(FILE);
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDialect(
          Dialects.getOpenApi30(),
          builder ->
              builder
                  .schemas(Map.of(IRI, new String(FILE, StandardCharsets.UTF_8)))
                  .schemaRegistryConfig(
                      SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
  private static final Set<String> EDGE = Set.of("400", "404", "413", "414", "415", "431", "503");

  private Described() {}

  /** Fails if an answer is not one that the contract describes for what was asked. */
  static void check(String method, String path, Answer answer) {
    assertThat(answer.all("x-request-id")).as("X-Request-Id").hasSize(1);
    assertThat(answer.all("x-content-type-options")).containsExactly("nosniff");
    assertThat(answer.all("cache-control")).containsExactly("no-store");
    if (method.equals("OPTIONS") && answer.status() == 204) {
      return;
    }
    String asked = method.equals("HEAD") ? "get" : method.toLowerCase(Locale.ROOT);
    String status = String.valueOf(answer.status());
    Optional<String> operation = route(path).map(route -> "/paths/" + escape(route) + "/" + asked);
    Optional<String> described =
        operation
            .map(pointer -> pointer + "/responses/" + status)
            .map(Described::resolve)
            .filter(pointer -> !ROOT.at(pointer).isMissingNode());
    if (described.isPresent()) {
      headers(described.get(), answer);
      content(described.get(), method, answer);
    } else {
      // Refused before the router knew what was asked: by its path, its method, or the parser.
      assertThat(status)
          .isIn(
              operation.isPresent() && answer.status() != 405 ? EDGE : Set.of("404", "405", "400"));
      if (!method.equals("HEAD")) {
        assertThat(answer.all("content-type")).containsExactly("application/problem+json");
        schema("/components/schemas/Problem", Json.read(answer.body()));
      }
    }
    if (answer.status() >= 400
        && answer.body().length > 0
        && answer.all("content-type").contains("application/problem+json")) {
      problem(answer);
    }
  }

  private static void headers(String pointer, Answer answer) {
    for (Map.Entry<String, JsonNode> header : ROOT.at(pointer).path("headers").properties()) {
      String at = resolve(pointer + "/headers/" + escape(header.getKey()));
      JsonNode description = ROOT.at(at);
      var values = answer.all(header.getKey());
      if (description.path("required").asBoolean()) {
        assertThat(values).as(header.getKey()).hasSize(1);
      }
      for (String value : values) {
        String type = description.at("/schema/type").asText();
        switch (type) {
          case "integer" -> schema(at + "/schema", IntNode.valueOf(Integer.parseInt(value)));
          case "boolean" -> assertThat(value).isIn("true", "false");
          default -> schema(at + "/schema", TextNode.valueOf(value));
        }
      }
    }
  }

  private static void content(String pointer, String method, Answer answer) {
    JsonNode content = ROOT.at(pointer).path("content");
    if (content.isMissingNode()) {
      assertThat(answer.body()).isEmpty();
      return;
    }
    String type = answer.header("content-type").replaceFirst(";.*", "");
    assertThat(content.has(type)).as(type).isTrue();
    if (method.equals("HEAD")) {
      assertThat(answer.body()).isEmpty();
    } else if (type.endsWith("json")) {
      schema(pointer + "/content/" + escape(type) + "/schema", Json.read(answer.body()));
    }
  }

  /** What all problems have in common. */
  private static void problem(Answer answer) {
    JsonNode problem = Json.read(answer.body());
    ProblemKind kind = ProblemKind.ofCode(problem.path("code").asText()).orElseThrow();
    assertThat(problem.path("status").intValue()).isEqualTo(answer.status());
    assertThat(kind.status()).isEqualTo(answer.status());
    assertThat(problem.path("type").asText()).isEqualTo("/problems/" + kind.code());
    assertThat(problem.path("title").asText()).isEqualTo(kind.title());
    assertThat(problem.path("instance").asText()).isEqualTo(answer.header("x-request-id"));
    assertThat(problem.path("detail").asText()).endsWith(".");
  }

  /** Fails if a value does not fit a schema of the contract. */
  static void checkSchema(String name, JsonNode value) {
    schema("/components/schemas/" + name, value);
  }

  private static void schema(String pointer, JsonNode value) {
    assertThat(SCHEMAS.getSchema(SchemaLocation.of(IRI + "#" + pointer)).validate(value))
        .as("%s", pointer)
        .isEmpty();
  }

  private static Optional<String> route(String path) {
    String plain = path.replaceFirst("[?#].*", "");
    for (Map.Entry<String, JsonNode> each : ROOT.path("paths").properties()) {
      if (each.getKey().equals(plain)) {
        return Optional.of(plain);
      }
    }
    for (Map.Entry<String, JsonNode> each : ROOT.path("paths").properties()) {
      if (plain.matches(each.getKey().replaceAll("\\{[^}]*}", "[^/]+"))) {
        return Optional.of(each.getKey());
      }
    }
    return Optional.empty();
  }

  private static String resolve(String pointer) {
    JsonNode node = ROOT.at(pointer);
    return node.has("$ref") ? resolve(node.path("$ref").asText().substring(1)) : pointer;
  }

  private static String escape(String token) {
    return token.replace("~", "~0").replace("/", "~1");
  }
}
