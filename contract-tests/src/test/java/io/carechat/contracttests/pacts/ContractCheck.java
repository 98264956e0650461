package io.carechat.contracttests.pacts;

import au.com.dius.pact.core.model.IRequest;
import au.com.dius.pact.core.model.IResponse;
import au.com.dius.pact.core.model.OptionalBody;
import au.com.dius.pact.core.model.messaging.MessageInteraction;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.api.checked.Document;
import io.carechat.api.runtime.Contract;
import io.carechat.domain.webhooks.WebhookPayload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks an interaction against the contract, without a service. A pact may expect less of an
 * answer than the contract promises, but nothing that the contract does not have. A request that
 * expects to be refused may break the contract. The check uses the pact's examples, even where the
 * pact has a matching rule. The reason is that the consumer was tested with the examples. If the
 * service can never send them, the test of the consumer has no value.
 */
final class ContractCheck {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");

  /** Headers that HTTP itself allows in every answer. */
  private static final Set<String> OF_HTTP =
      Set.of("connection", "content-length", "date", "transfer-encoding");

  private final JsonNode served = document("openapi.json");
  private final JsonNode received = document("webhooks.json");

  private static JsonNode document(String name) {
    try {
      return Document.asHeld(MAPPER.readTree(Contract.file(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A path of the contract, with the values of its variables. */
  private record MatchedPath(String template, JsonNode path, Map<String, String> variables) {
    static Optional<MatchedPath> of(String template, JsonNode path, String address) {
      var names = new ArrayList<String>();
      Matcher variables = VARIABLE.matcher(template);
      String pattern =
          variables.replaceAll(found -> {
            names.add(found.group(1));
            return "([^/]+)";
          });
      Matcher matcher = Pattern.compile(pattern).matcher(address);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      var values = new TreeMap<String, String>();
      for (int i = 0; i < names.size(); i++) {
        values.put(names.get(i), matcher.group(i + 1));
      }
      return Optional.of(new MatchedPath(template, path, values));
    }
  }

  /** Descriptions of everything that the contract does not have. Empty if there is nothing. */
  List<String> faults(IRequest request, IResponse response) {
    // A literal path takes precedence over a template that would match it, too.
    Optional<MatchedPath> found =
        served.path("paths").properties().stream()
            .flatMap(
                path -> MatchedPath.of(path.getKey(), path.getValue(), request.getPath()).stream())
            .min((a, b) -> a.variables().size() - b.variables().size());
    if (found.isEmpty()) {
      return response.getStatus() == 404
          ? List.of()
          : List.of("contract: there is no path " + request.getPath());
    }
    MatchedPath matched = found.get();
    String method = request.getMethod().toLowerCase(Locale.ROOT);
    JsonNode operation = matched.path().path(method.equals("head") ? "get" : method);
    if (method.equals("options") && response.getStatus() == 204) {
      return List.of();
    }
    if (operation.isMissingNode()) {
      return response.getStatus() == 405
          ? List.of()
          : List.of("contract: there is no " + request.getMethod() + " of " + matched.template());
    }
    var faults = new ArrayList<String>();
    if (response.getStatus() < 400) {
      request(request, matched, operation, new SchemaCheck(served, true, faults), faults);
    }
    JsonNode answer =
        resolve(operation.path("responses").path(String.valueOf(response.getStatus())));
    if (answer.isMissingNode()) {
      faults.add(
          "contract: "
              + operation.path("operationId").asText()
              + " never answers "
              + response.getStatus());
    } else {
      answer(response, answer, new SchemaCheck(served, false, faults), faults);
    }
    return faults;
  }

  /** Like {@link #faults(IRequest, IResponse)}, for a webhook in one of its forms. */
  List<String> faults(MessageInteraction message, WebhookPayload payload) {
    var faults = new ArrayList<String>();
    var check = new SchemaCheck(received, false, faults);
    String path =
        switch (payload) {
          case SOURCE -> "/";
          case STANDARD -> "/standard";
          case THIN -> "/thin";
        };
    JsonNode operation = received.path("paths").path(path).path("post");
    var headers = new TreeMap<String, JsonNode>(String.CASE_INSENSITIVE_ORDER);
    operation
        .path("parameters")
        .forEach(header -> headers.put(header.path("name").asText(), header.path("schema")));
    received
        .at("/components/securitySchemes")
        .forEach(scheme -> headers.put(scheme.path("name").asText(), MAPPER.missingNode()));
    JsonNode content = operation.path("requestBody").path("content");
    message
        .getMetadata()
        .forEach((name, value) -> {
          JsonNode schema = headers.get(name);
          if (isContentType(name)) {
            mediaType("the webhook's body", String.valueOf(value), content, faults);
          } else if (schema == null) {
            faults.add("contract: the webhook has no header '" + name + "'");
          } else if (!schema.isMissingNode()) {
            check.text("header " + name, String.valueOf(value), schema);
          }
        });
    check.value("body $", json(message.getMessageContents()), schema(content));
    return faults;
  }

  private void request(
      IRequest request,
      MatchedPath matched,
      JsonNode operation,
      SchemaCheck check,
      List<String> faults) {
    var byName = new TreeMap<String, JsonNode>();
    for (JsonNode list : List.of(matched.path().path("parameters"), operation.path("parameters"))) {
      list.forEach(each -> {
        JsonNode parameter = resolve(each);
        byName.put(
            parameter.path("in").asText() + " " + parameter.path("name").asText(), parameter);
      });
    }
    request
        .getQuery()
        .forEach((name, values) -> {
          JsonNode parameter = byName.get("query " + name);
          if (parameter == null) {
            faults.add("contract: there is no query parameter '" + name + "'");
          } else {
            parameter("query parameter '" + name + "'", values, parameter, check, faults);
          }
        });
    byName.forEach((key, parameter) -> {
      String name = parameter.path("name").asText();
      switch (parameter.path("in").asText()) {
        case "path" ->
            check.text(
                "'" + name + "' in the path",
                String.valueOf(matched.variables().get(name)),
                parameter.path("schema"));
        case "header" ->
            values(request.getHeaders(), name)
                .ifPresent(values -> parameter("header " + name, values, parameter, check, faults));
        default -> {}
      }
    });
    if (!operation.has("security")
        && values(request.getHeaders(), "X-API-KEY").isEmpty()
        && values(request.getHeaders(), "Authorization").isEmpty()) {
      faults.add("contract: the request needs a header X-API-KEY or Authorization");
    }
    body(request, operation.path("requestBody"), check, faults);
  }

  private static void parameter(
      String place,
      List<String> values,
      JsonNode parameter,
      SchemaCheck check,
      List<String> faults) {
    if (values.size() != 1) {
      faults.add("contract: " + place + " must be given once, not " + values.size() + " times");
    } else {
      check.text(place, String.valueOf(values.getFirst()), parameter.path("schema"));
    }
  }

  private static void body(
      IRequest request, JsonNode body, SchemaCheck check, List<String> faults) {
    boolean given = request.getBody().isPresent();
    if (body.isMissingNode()) {
      if (given) {
        faults.add("contract: the request has no body");
      }
      return;
    }
    if (!given) {
      faults.add("contract: the request needs a body");
      return;
    }
    values(request.getHeaders(), "Content-Type")
        .ifPresent(
            type -> mediaType("the request body", type.getFirst(), body.path("content"), faults));
    check.value("request body $", json(request.getBody()), schema(body.path("content")));
  }

  private void answer(IResponse response, JsonNode answer, SchemaCheck check, List<String> faults) {
    var headers = new TreeMap<String, JsonNode>(String.CASE_INSENSITIVE_ORDER);
    answer.path("headers").forEachEntry((name, header) -> headers.put(name, resolve(header)));
    JsonNode content = answer.path("content");
    response
        .getHeaders()
        .forEach((name, values) -> {
          JsonNode header = headers.get(name);
          if (isContentType(name)) {
            mediaType("the response body", values.getFirst(), content, faults);
          } else if (header != null) {
            check.text("response header " + name, String.join(", ", values), header.path("schema"));
          } else if (!OF_HTTP.contains(name.toLowerCase(Locale.ROOT))) {
            faults.add(
                "contract: an answer " + response.getStatus() + " has no header '" + name + "'");
          }
        });
    if (response.getBody().isPresent() && content.isMissingNode()) {
      faults.add("contract: an answer " + response.getStatus() + " has no body");
    }
    check.value("response body $", json(response.getBody()), schema(content));
  }

  private static boolean isContentType(String header) {
    // In messages its name is contentType.
    return header.replace("-", "").equalsIgnoreCase("contenttype");
  }

  private static void mediaType(String place, String type, JsonNode content, List<String> faults) {
    String plain = type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    var known = new ArrayList<String>();
    content.fieldNames().forEachRemaining(known::add);
    if (!known.contains(plain)) {
      faults.add(
          "contract: " + place + " must be " + String.join(" or ", known) + ", not " + plain);
    }
  }

  private static Optional<List<String>> values(Map<String, List<String>> headers, String name) {
    return headers.entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .findFirst()
        .map(Map.Entry::getValue);
  }

  private JsonNode resolve(JsonNode node) {
    return SchemaCheck.resolve(served, node);
  }

  /** The schema of the first JSON content. */
  private static JsonNode schema(JsonNode content) {
    return content.properties().stream()
        .filter(each -> each.getKey().endsWith("json"))
        .findFirst()
        .map(each -> each.getValue().path("schema"))
        .orElse(MAPPER.missingNode());
  }

  private static JsonNode json(OptionalBody body) {
    try {
      return MAPPER.readTree(body.valueAsString());
    } catch (IOException e) {
      // This is not JSON. The verification against the service says how it differs.
      return MAPPER.missingNode();
    }
  }
}
