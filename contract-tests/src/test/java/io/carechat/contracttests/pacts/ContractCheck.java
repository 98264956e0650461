package io.carechat.contracttests.pacts;

import au.com.dius.pact.core.model.IRequest;
import au.com.dius.pact.core.model.IResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Reads an interaction against the contract, without a service. A pact may expect less of an answer
 * than the contract promises, but nothing that it does not have; and a request that expects to be
 * refused may break the contract.
 */
final class ContractCheck {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final JsonNode contract;

  ContractCheck() {
    try (InputStream file =
        Objects.requireNonNull(
            ContractCheck.class.getResourceAsStream("/io/carechat/api/openapi.json"))) {
      contract = MAPPER.readTree(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the contract does not have, in words; empty if it has it all. */
  List<String> faults(IRequest request, IResponse response) {
    var faults = new ArrayList<String>();
    // A literal path before a template that would match it too.
    List<Map.Entry<String, JsonNode>> paths =
        contract.path("paths").properties().stream()
            .filter(entry -> matches(entry.getKey(), request.getPath()))
            .sorted((a, b) -> variables(a.getKey()) - variables(b.getKey()))
            .toList();
    if (paths.isEmpty()) {
      return List.of("contract: there is no path " + request.getPath());
    }
    Map.Entry<String, JsonNode> path = paths.getFirst();
    String method = request.getMethod().toLowerCase(Locale.ROOT);
    JsonNode operation = path.getValue().path(method);
    if (operation.isMissingNode()) {
      if (response.getStatus() != 405) {
        faults.add("contract: there is no " + request.getMethod() + " of " + path.getKey());
      }
      return faults;
    }
    if (response.getStatus() < 400) {
      request.getQuery().keySet().stream()
          .filter(name -> !hasQuery(operation, name) && !hasQuery(path.getValue(), name))
          .forEach(name -> faults.add("contract: there is no query parameter '" + name + "'"));
      JsonNode body = resolve(operation.path("requestBody"));
      compare(
          "request body $", json(request.getBody().valueAsString()), schema(body), true, faults);
    }
    JsonNode answer = operation.path("responses").path(String.valueOf(response.getStatus()));
    if (answer.isMissingNode()) {
      faults.add(
          "contract: "
              + operation.path("operationId").asText()
              + " never answers "
              + response.getStatus());
    } else {
      compare(
          "response body $",
          json(response.getBody().valueAsString()),
          schema(resolve(answer)),
          false,
          faults);
    }
    return faults;
  }

  private void compare(
      String place, JsonNode value, JsonNode found, boolean whole, List<String> faults) {
    JsonNode schema = resolve(found);
    if (value.isMissingNode() || schema.isMissingNode()) {
      return;
    }
    String type = schema.path("type").asText();
    if (value.isNull() ? !schema.path("nullable").asBoolean() : !isOf(value, type)) {
      faults.add("contract: " + place + " is no " + type + ": " + value);
      return;
    }
    if (schema.has("enum") && !value.isNull() && !has(schema.path("enum"), value)) {
      faults.add("contract: " + place + " is none of " + schema.path("enum") + ": " + value);
    }
    value.forEachEntry((name, member) -> {
      if (schema.path("properties").has(name)) {
        compare(place + "." + name, member, schema.path("properties").path(name), whole, faults);
      } else if (schema.has("properties")) {
        faults.add("contract: " + place + " has no member '" + name + "'");
      }
    });
    if (whole) {
      schema
          .path("required")
          .forEach(name -> {
            if (value.isObject() && !value.has(name.asText())) {
              faults.add("contract: " + place + " needs a member '" + name.asText() + "'");
            }
          });
    }
    if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        compare(place + "[" + i + "]", value.get(i), schema.path("items"), whole, faults);
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
      default -> true;
    };
  }

  private static boolean has(JsonNode values, JsonNode value) {
    for (JsonNode each : values) {
      if (each.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private boolean hasQuery(JsonNode holder, String name) {
    for (JsonNode each : holder.path("parameters")) {
      JsonNode parameter = resolve(each);
      if (parameter.path("in").asText().equals("query")
          && parameter.path("name").asText().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private JsonNode resolve(JsonNode node) {
    JsonNode resolved = node;
    while (resolved.has("$ref")) {
      resolved = contract.at(resolved.path("$ref").asText().substring(1));
    }
    return resolved;
  }

  /** The schema of the first content that is JSON. */
  private static JsonNode schema(JsonNode body) {
    return body.path("content").properties().stream()
        .filter(content -> content.getKey().endsWith("json"))
        .findFirst()
        .map(content -> content.getValue().path("schema"))
        .orElse(MAPPER.missingNode());
  }

  private static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      // Not JSON: the verification against the service tells how it differs.
      return MAPPER.missingNode();
    }
  }

  private static boolean matches(String template, String path) {
    String pattern = Pattern.compile("\\{[^}]+}").matcher(template).replaceAll("[^/]+");
    return path.matches(pattern);
  }

  private static int variables(String template) {
    return (int) template.chars().filter(c -> c == '{').count();
  }
}
