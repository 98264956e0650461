package io.carechat.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A call of curl as the documentation shows it, read as a shell and curl would. Only the options
 * that the documentation uses are known; another one is an error.
 */
record CurlCall(String method, String path, List<String> headers, List<String> data, boolean get) {

  private static final String CHAT =
      "/api/v1/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab";
  private static final String WEBHOOK = "/api/v1/test-den/chat2/webhooks/partner-1";
  private static final Pattern WORD =
      Pattern.compile("(?:'[^']*'|\"(?:\\\\.|[^\"])*\"|[^\\s'\"])+");

  static CurlCall of(String line) {
    List<String> words =
        new ArrayList<>(WORD.matcher(line).results().map(word -> unquoted(word.group())).toList());
    assertThat(words.removeFirst()).isEqualTo("curl");
    boolean get = false;
    String method = "";
    String url = "";
    List<String> headers = new ArrayList<>();
    List<String> data = new ArrayList<>();
    while (!words.isEmpty()) {
      String word = words.removeFirst();
      switch (word) {
        case "-i", "-N" -> {}
        case "-G" -> get = true;
        case "-X" -> method = words.removeFirst().toLowerCase(Locale.ROOT);
        case "-H" -> headers.add(words.removeFirst());
        case "-d", "--data-urlencode" -> data.add(words.removeFirst());
        default -> {
          assertThat(word).as(line).doesNotStartWith("-");
          assertThat(url).as(line).isEmpty();
          url =
              word.replace("$chat", "$CARECHAT_URL" + CHAT)
                  .replace("$webhook", "$CARECHAT_URL" + WEBHOOK);
        }
      }
    }
    assertThat(url).as(line).startsWith("$CARECHAT_URL/");
    return new CurlCall(
        !method.isEmpty() ? method : get || data.isEmpty() ? "get" : "post",
        URI.create(url.substring("$CARECHAT_URL".length())).getPath(),
        headers,
        data,
        get);
  }

  /** Fails where the contract does not know what is called so. Returns the operation's id. */
  String checkedAgainst(Documents api) {
    Map.Entry<String, JsonNode> path =
        api.root().path("paths").properties().stream()
            .filter(each -> matches(each.getKey()))
            // As the service does: what is written out goes before what is a parameter.
            .min((one, other) ->
                Boolean.compare(one.getKey().endsWith("}"), other.getKey().endsWith("}")))
            .orElseThrow(() -> new AssertionError("no such path: " + this));
    JsonNode operation = path.getValue().path(method);
    assertThat(operation.has("operationId")).as("no such method: " + this).isTrue();

    Map<String, JsonNode> parameters = new LinkedHashMap<>();
    for (JsonNode list :
        List.of(path.getValue().path("parameters"), operation.path("parameters"))) {
      for (JsonNode reference : list) {
        JsonNode parameter = api.resolve(reference);
        parameters.put(
            parameter.path("in").asText()
                + " "
                + parameter.path("name").asText().toLowerCase(Locale.ROOT),
            parameter);
      }
    }
    boolean open = operation.has("security") && operation.path("security").isEmpty();
    if (!open) {
      assertThat(headers).as(this.toString()).contains("X-API-KEY: $CARECHAT_API_KEY");
    }
    for (String header : headers) {
      String name = header.split(": ", 2)[0].toLowerCase(Locale.ROOT);
      if (!name.equals("x-api-key") && !name.equals("content-type")) {
        assertThat(parameters).as(header).containsKey("header " + name);
      }
    }
    if (get) {
      for (String pair : data) {
        String[] nameAndValue = pair.split("=", 2);
        JsonNode parameter =
            Objects.requireNonNull(
                parameters.get("query " + nameAndValue[0].toLowerCase(Locale.ROOT)),
                () -> "no such parameter: " + pair);
        assertThat(parameter.path("name").asText()).isEqualTo(nameAndValue[0]);
        if (!nameAndValue[1].startsWith("$")) {
          JsonNode schema = parameter.path("schema");
          String pointer = schema.path("$ref").asText();
          if (!pointer.isEmpty()) {
            JsonNode value =
                api.resolve(schema).path("type").asText().equals("integer")
                    ? parsed(nameAndValue[1])
                    : new ObjectMapper().getNodeFactory().textNode(nameAndValue[1]);
            assertThat(api.faults(pointer.substring(1), value)).as(pair).isEmpty();
          }
        }
      }
    } else if (!data.isEmpty()) {
      assertThat(headers).contains("Content-Type: application/json");
      String pointer = operation.at("/requestBody/content/application~1json/schema/$ref").asText();
      assertThat(api.faults(pointer.substring(1), parsed(data.getFirst()))).isEmpty();
    }
    return operation.path("operationId").asText();
  }

  private boolean matches(String template) {
    Matcher matcher =
        Pattern.compile(template.replace(".", "\\.").replaceAll("\\{[^}]+}", "[^/]+"))
            .matcher(path);
    return matcher.matches();
  }

  private static JsonNode parsed(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }

  private static String unquoted(String word) {
    return word.replaceAll("(?s)'([^']*)'|\"((?:\\\\.|[^\"])*)\"", "$1$2");
  }
}
