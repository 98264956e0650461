package io.carechat.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Sends the examples of the served contract as they are, as tools do that are driven by examples.
 * Each must get the response whose example has the same name. A request without a body, and one
 * with an example of an optional parameter, must succeed.
 */
final class ContractExamples {
  private static final Duration IN_TIME = Duration.ofMinutes(1);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

  private final HttpClient http;
  private final String url;
  private final String key;
  private final JsonNode contract;
  private final List<String> sent = new ArrayList<>();

  /**
   * @param http sends the requests
   * @param url where the service is
   * @param key an API key with all scopes
   */
  ContractExamples(HttpClient http, String url, String key)
      throws IOException, InterruptedException {
    this.http = http;
    this.url = url;
    this.key = key;
    this.contract =
        JSON.readTree(
            http.send(
                    HttpRequest.newBuilder(URI.create(url + "/openapi.json")).build(),
                    HttpResponse.BodyHandlers.ofString())
                .body());
  }

  /**
   * Sends all of them. What deletes something comes last.
   *
   * @return what was sent: the operation, and the name of the example or of the parameter
   */
  List<String> send() throws IOException, InterruptedException {
    List<Call> last = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : contract.get("paths").properties()) {
      if (!path.getKey().startsWith("/api/")) {
        continue;
      }
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (METHODS.contains(operation.getKey())) {
          var call =
              new Call(
                  path.getKey(),
                  operation.getKey(),
                  operation.getValue(),
                  parameters(path.getValue(), operation.getValue()));
          if (operation.getKey().equals("delete")) {
            last.add(call);
          } else {
            send(call);
          }
        }
      }
    }
    for (Call call : last) {
      send(call);
    }
    return sent;
  }

  private record Call(
      String path, String method, JsonNode operation, Map<String, JsonNode> parameters) {
    String id() {
      return operation.get("operationId").asText();
    }
  }

  private Map<String, JsonNode> parameters(JsonNode path, JsonNode operation) {
    var parameters = new TreeMap<String, JsonNode>();
    for (JsonNode owner : List.of(path, operation)) {
      for (JsonNode parameter : owner.path("parameters")) {
        JsonNode resolved = resolve(parameter);
        parameters.put(resolved.get("name").asText(), resolved);
      }
    }
    return parameters;
  }

  private JsonNode resolve(JsonNode node) {
    JsonNode resolved = node;
    while (resolved.has("$ref")) {
      resolved = contract.at(resolved.get("$ref").asText().substring(1));
    }
    return resolved;
  }

  private void send(Call call) throws IOException, InterruptedException {
    JsonNode body = resolve(call.operation().path("requestBody"));
    if (body.isMissingNode()) {
      expectSuccess(call, null);
      for (Map.Entry<String, JsonNode> parameter : call.parameters().entrySet()) {
        if (!parameter.getValue().path("required").asBoolean()) {
          expectSuccess(call, parameter.getKey());
        }
      }
      return;
    }
    for (Map.Entry<String, JsonNode> media : body.get("content").properties()) {
      for (Map.Entry<String, JsonNode> example : media.getValue().path("examples").properties()) {
        String name = call.id() + " " + example.getKey();
        Expected expected = expected(call, example.getKey(), name);
        JsonNode value = resolve(example.getValue()).get("value");
        long deadline = System.nanoTime() + IN_TIME.toNanos();
        HttpResponse<InputStream> response = exchange(call, null, media.getKey(), value);
        // What the example before has begun may not be finished, such as a redelivery.
        while (response.statusCode() == 429 && System.nanoTime() < deadline) {
          response.body().close();
          Thread.sleep(Duration.ofMillis(100));
          response = exchange(call, null, media.getKey(), value);
        }
        try (InputStream in = response.body()) {
          String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          assertThat(response.statusCode()).as(name + " " + text).isEqualTo(expected.status());
          assertThat(members(JSON.readTree(text))).as(name).isEqualTo(members(expected.body()));
        }
        sent.add(name);
      }
    }
  }

  private record Expected(int status, JsonNode body) {}

  /** The successful response whose example has the name of the request's example. */
  private Expected expected(Call call, String example, String name) {
    for (Map.Entry<String, JsonNode> response : call.operation().get("responses").properties()) {
      JsonNode found =
          resolve(response.getValue()).at("/content/application~1json/examples/" + example);
      if (response.getKey().startsWith("2") && !found.isMissingNode()) {
        return new Expected(Integer.parseInt(response.getKey()), resolve(found).get("value"));
      }
    }
    throw new AssertionError("No response has an example for " + name);
  }

  /** The names of the members of an object, and of what it contains; not those in lists. */
  private static Set<String> members(JsonNode json) {
    var names = new TreeSet<String>();
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      names.add(member.getKey());
      members(member.getValue()).forEach(inner -> names.add(member.getKey() + "." + inner));
    }
    return names;
  }

  private void expectSuccess(Call call, @Nullable String parameter)
      throws IOException, InterruptedException {
    String name = call.id() + (parameter == null ? "" : " " + parameter);
    HttpResponse<InputStream> response = exchange(call, parameter, null, null);
    try (InputStream in = response.body()) {
      String text =
          response.statusCode() < 300 ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(response.statusCode()).as(name + " " + text).isBetween(200, 299);
    }
    sent.add(name);
  }

  /**
   * Sends a request with the examples of the required parameters.
   *
   * @param optional one more parameter
   */
  private HttpResponse<InputStream> exchange(
      Call call, @Nullable String optional, @Nullable String contentType, @Nullable JsonNode body)
      throws IOException, InterruptedException {
    String path = call.path();
    var query = new ArrayList<String>();
    HttpRequest.Builder request = HttpRequest.newBuilder().timeout(Duration.ofSeconds(30));
    for (Map.Entry<String, JsonNode> parameter : call.parameters().entrySet()) {
      JsonNode described = parameter.getValue();
      // OpenAPI cannot say that a search needs either a query or a token.
      boolean isNeeded =
          described.path("required").asBoolean()
              || (parameter.getKey().equals("query") && !"pageToken".equals(optional));
      if (!isNeeded && !parameter.getKey().equals(optional)) {
        continue;
      }
      String value =
          URLEncoder.encode(example(described), StandardCharsets.UTF_8).replace("+", "%20");
      switch (described.get("in").asText()) {
        case "path" -> path = path.replace("{" + parameter.getKey() + "}", value);
        case "query" -> query.add(parameter.getKey() + "=" + value);
        default -> request.header(parameter.getKey(), example(described));
      }
    }
    if (contentType != null) {
      request.header("Content-Type", contentType);
    }
    request
        .uri(URI.create(url + path + (query.isEmpty() ? "" : "?" + String.join("&", query))))
        .header("X-API-KEY", key)
        .method(
            call.method().toUpperCase(java.util.Locale.ROOT),
            body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body.toString()));
    return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private static String example(JsonNode parameter) {
    JsonNode example = parameter.path("example");
    assertThat(example.isMissingNode())
        .as("the contract has no example of " + parameter.get("name"))
        .isFalse();
    return example.asText();
  }
}
