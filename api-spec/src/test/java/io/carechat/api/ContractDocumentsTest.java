package io.carechat.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the two documents promise their readers, checked on every operation, answer, schema and
 * example.
 */
final class ContractDocumentsTest {

  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void theJsonIsTheYaml(String name) throws IOException {
    assertThat(new ObjectMapper().readTree(Contract.file(name + ".json")))
        .isEqualTo(new YAMLMapper().readTree(Contract.file(name + ".yaml")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void everyReferenceLeadsSomewhere(String name) {
    Documents document = new Documents(name);
    List<String> dead = new ArrayList<>();
    walk(
        document.root(),
        "",
        (pointer, node) -> {
          if (node.path("$ref").isTextual()
              && document.root().at(node.path("$ref").asText().substring(1)).isMissingNode()) {
            dead.add(pointer);
          }
        });
    assertThat(dead).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void everyComponentIsUsed(String name) {
    Documents document = new Documents(name);
    List<String> used = new ArrayList<>();
    walk(document.root(), "", (_, node) -> used.add(node.path("$ref").asText()));
    List<String> unused = new ArrayList<>();
    for (Map.Entry<String, JsonNode> kind : document.root().path("components").properties()) {
      for (Map.Entry<String, JsonNode> component : kind.getValue().properties()) {
        String reference = "#/components/" + kind.getKey() + "/" + component.getKey();
        if (!kind.getKey().equals("securitySchemes") && !used.contains(reference)) {
          unused.add(reference);
        }
      }
    }
    assertThat(unused).isEmpty();
  }

  /** Examples of parameters, headers, bodies, answers, schemas and members. */
  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void everyExampleFitsItsSchema(String name) {
    Documents document = new Documents(name);
    List<String> faults = new ArrayList<>();
    int[] checked = {0};
    walk(
        document.root(),
        "",
        (pointer, node) -> {
          boolean holder = node.has("schema");
          String schema = holder ? pointer + "/schema" : pointer;
          if (node.has("example") && (holder || pointer.contains("/schema"))) {
            faults.addAll(document.faults(schema, node.path("example")));
            checked[0]++;
          }
          for (JsonNode example : holder ? node.path("examples") : List.<JsonNode>of()) {
            faults.addAll(document.faults(schema, example.path("value")));
            checked[0]++;
          }
        });
    assertThat(faults).isEmpty();
    assertThat(checked[0]).isGreaterThan(name.equals("openapi") ? 80 : 8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void everyBodyAndEveryParameterHasAnExampleAndADescription(String name) {
    Documents document = new Documents(name);
    List<String> bare = new ArrayList<>();
    walk(
        document.root(),
        "",
        (pointer, node) -> {
          if (node.has("schema")) {
            boolean content = pointer.contains("/content/");
            if (content ? node.path("examples").isEmpty() : !node.has("example")) {
              bare.add(pointer + " has no example");
            }
            if (!content && !node.has("description")) {
              bare.add(pointer + " has no description");
            }
          }
          for (Map.Entry<String, JsonNode> member : node.path("properties").properties()) {
            if (!document.resolve(member.getValue()).has("description")) {
              bare.add(pointer + "/properties/" + member.getKey() + " has no description");
            }
          }
        });
    for (JsonNode operation : operations(document).values()) {
      for (String member : List.of("summary", "description", "tags")) {
        if (!operation.has(member)) {
          bare.add(operation.path("operationId") + " has no " + member);
        }
      }
    }
    assertThat(bare).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void operationIdsAreUnique(String name) {
    List<String> ids = new ArrayList<>();
    operations(new Documents(name))
        .values()
        .forEach(operation -> ids.add(operation.path("operationId").asText()));
    assertThat(ids).doesNotHaveDuplicates().doesNotContain("").isNotEmpty();
  }

  @Test
  void everyOperationDocumentsEveryErrorThatItMayAnswerWith() {
    Documents document = new Documents("openapi");
    operations(document)
        .forEach((path, operation) -> {
          if (!path.contains("/api/v1/")) {
            return;
          }
          List<String> statuses = new ArrayList<>();
          operation.path("responses").fieldNames().forEachRemaining(statuses::add);
          assertThat(statuses)
              .as(path)
              .contains("400", "401", "403", "405", "406", "414", "429", "431", "500", "503")
              .isSorted();
          assertThat(statuses.contains("413") && statuses.contains("415"))
              .as("%s: 413 and 415 belong to a body", path)
              .isEqualTo(operation.has("requestBody"));
        });
  }

  @Test
  void everyErrorIsAProblemWithItsOwnExamples() {
    Documents document = new Documents("openapi");
    Set<String> codes = Set.copyOf(Contract.problemCodes());
    operations(document)
        .forEach((path, operation) ->
            operation
                .path("responses")
                .properties()
                .forEach(entry -> {
                  if (entry.getKey().charAt(0) < '4' || !path.contains("/api/v1/")) {
                    return;
                  }
                  String at = path + " " + entry.getKey();
                  JsonNode response = document.resolve(entry.getValue());
                  JsonNode content = response.path("content");
                  assertThat(content.fieldNames())
                      .as(at)
                      .toIterable()
                      .containsExactly("application/problem+json");
                  assertThat(response.path("headers").has("X-Request-Id")).as(at).isTrue();
                  for (JsonNode example :
                      content.path("application/problem+json").path("examples")) {
                    JsonNode problem = example.path("value");
                    assertThat(problem.path("status").asText()).as(at).isEqualTo(entry.getKey());
                    assertThat(codes).as(at).contains(problem.path("code").asText());
                    assertThat(problem.path("type").asText())
                        .as(at)
                        .isEqualTo("/problems/" + problem.path("code").asText());
                  }
                }));
  }

  @Test
  void theListOfCodesIsTheSameEverywhere() {
    Documents document = new Documents("openapi");
    JsonNode code = document.root().at("/components/schemas/Problem/properties/code");
    assertThat(Contract.problemCodes()).doesNotHaveDuplicates().hasSize(19);
    for (String each : Contract.problemCodes()) {
      assertThat(code.path("description").asText()).contains("`" + each + "`");
      assertThat(document.root().at("/info/description").asText()).contains("| `" + each + "` |");
    }
  }

  /**
   * A reader of an answer never has to ask whether a member is there; but for highlights, which are
   * there if they were asked for, and what belongs to an event's type, and a chat's newest message,
   * if it has any.
   */
  @Test
  void everyMemberOfAnAnswerIsThere() {
    Documents document = new Documents("openapi");
    Set<String> requests =
        Set.of(
            "NewMessage",
            "CareTeamSender",
            "MessageSearch",
            "ReadUpTo",
            "NewWebhook",
            "WebhookChange",
            "SecretRotation",
            "Redelivery");
    for (Map.Entry<String, JsonNode> schema :
        document.root().at("/components/schemas").properties()) {
      JsonNode node = schema.getValue();
      if (!node.has("properties")) {
        continue;
      }
      if (requests.contains(schema.getKey())) {
        assertThat(
                node.path("additionalProperties").isBoolean()
                    && !node.path("additionalProperties").asBoolean())
            .as(schema.getKey() + " refuses unknown members")
            .isTrue();
      } else {
        List<String> required = new ArrayList<>();
        node.path("required").forEach(each -> required.add(each.asText()));
        List<String> members = new ArrayList<>();
        node.path("properties").fieldNames().forEachRemaining(members::add);
        members.remove("highlights");
        if (schema.getKey().equals("Event")) {
          members.removeAll(List.of("message", "read", "webhook"));
        }
        if (schema.getKey().equals("Chat")) {
          members.remove("lastMessage");
        }
        assertThat(required).as(schema.getKey()).isEqualTo(members);
      }
    }
  }

  /** Tools that are driven by examples pair those of a request and a response by their names. */
  @Test
  void everyExampleOfARequestHasOneOfASuccess() {
    Documents document = new Documents("openapi");
    List<String> alone = new ArrayList<>();
    int[] pairs = {0};
    operations(document)
        .forEach((path, operation) -> {
          Set<String> answers = new java.util.HashSet<>();
          for (Map.Entry<String, JsonNode> response : operation.path("responses").properties()) {
            if (response.getKey().startsWith("2")) {
              document
                  .resolve(response.getValue())
                  .at("/content/application~1json/examples")
                  .fieldNames()
                  .forEachRemaining(answers::add);
            }
          }
          operation
              .at("/requestBody/content/application~1json/examples")
              .fieldNames()
              .forEachRemaining(name -> {
                pairs[0]++;
                if (!answers.contains(name)) {
                  alone.add(path + ": " + name);
                }
              });
        });
    assertThat(alone).isEmpty();
    assertThat(pairs[0]).isGreaterThan(12);
  }

  /**
   * clients/README.md makes plain strings of the enums that are open to more values, by two lines
   * that follow each other.
   */
  @ParameterizedTest
  @ValueSource(strings = {"openapi", "webhooks"})
  void anOpenEnumIsOneLineBeforeWhatMarksIt(String name) {
    String yaml =
        new String(Contract.file(name + ".yaml"), java.nio.charset.StandardCharsets.UTF_8);
    long marks = yaml.lines().filter(line -> line.contains("x-carechat-more-values")).count();
    assertThat(marks).isPositive();
    assertThat(
            java.util.regex.Pattern.compile("(?m)^ *enum: \\[.*]\n *x-carechat-more-values: true$")
                .matcher(yaml)
                .results()
                .count())
        .isEqualTo(marks);
  }

  @Test
  void operationsAreKnownAtRunTime() {
    Operation send = Contract.operation("sendMessage");
    assertThat(send)
        .isEqualTo(
            new Operation(
                "sendMessage",
                "POST",
                "/api/v1/{tenantName}/{instanceName}/patients/{patientId}/messages",
                "send",
                Set.of("tenantName", "instanceName", "patientId", "Idempotency-Key")));
    assertThat(Contract.operation("getLiveness").group()).isEqualTo("meta");
    assertThat(Contract.operations())
        .extracting(Operation::id)
        .containsExactly(
            "sendMessage",
            "findMessages",
            "searchMessages",
            "searchMessagesByBody",
            "searchInstance",
            "searchInstanceByBody",
            "getMessage",
            "createWebhook",
            "listWebhooks",
            "getWebhook",
            "changeWebhook",
            "deleteWebhook",
            "pingWebhook",
            "rotateWebhookSecret",
            "listEvents",
            "streamEvents",
            "listChatEvents",
            "streamChatEvents",
            "listDeliveries",
            "redeliverAll",
            "getDelivery",
            "redeliver",
            "listChats",
            "getChat",
            "markRead",
            "createSignInLink",
            "getIndex",
            "getLiveness",
            "getReadiness",
            "getMetrics",
            "getContractAsYaml",
            "getOpenapi31",
            "getContractAsJson",
            "getWebhookContractAsYaml",
            "getWebhookContractAsJson",
            "getWebhookVectors",
            "getWebhookVerifier",
            "getDocumentation",
            "listProblemPages",
            "getProblemPage");
  }

  /** Arguments are found by their name alone. */
  @Test
  void parametersOfAnOperationHaveDifferentNames() {
    Documents document = new Documents("openapi");
    for (Map.Entry<String, JsonNode> path : document.root().path("paths").properties()) {
      for (String method : METHODS) {
        List<String> names = new ArrayList<>();
        List<JsonNode> parameters = new ArrayList<>();
        path.getValue().path("parameters").forEach(parameters::add);
        path.getValue().path(method).path("parameters").forEach(parameters::add);
        for (JsonNode each : parameters) {
          names.add(document.resolve(each).path("name").asText());
        }
        assertThat(names).as(path.getKey()).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void theWebhookHasExactlyTheSourceDocumentsMembers() {
    Documents document = new Documents("webhooks");
    JsonNode body = document.root().at("/components/schemas/DeliveredMessage");
    assertThat(body.path("properties").fieldNames())
        .toIterable()
        .containsExactly("patientId", "patientUrl", "tenantName", "instanceName", "message");
    assertThat(document.root().at("/components/securitySchemes"))
        .extracting(scheme -> scheme.path("name").asText())
        .containsExactly("X-WEBHOOK-API-KEY", "X-WEBHOOK-API-SECRET");
    assertThat(document.root().at("/paths/~1/post/parameters"))
        .extracting(parameter -> parameter.path("name").asText())
        .containsExactly("webhook-id", "webhook-timestamp", "webhook-signature");
  }

  private static Map<String, JsonNode> operations(Documents document) {
    Map<String, JsonNode> operations = new TreeMap<>();
    for (Map.Entry<String, JsonNode> path : document.root().path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          operations.put(method.getKey() + " " + path.getKey(), method.getValue());
        }
      }
    }
    return operations;
  }

  private static void walk(JsonNode node, String pointer, BiConsumer<String, JsonNode> visit) {
    if (node.isObject()) {
      visit.accept(pointer, node);
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        // What is inside an example is data.
        if (!member.getKey().equals("example") && !member.getKey().equals("examples")) {
          walk(
              member.getValue(),
              pointer + "/" + member.getKey().replace("~", "~0").replace("/", "~1"),
              visit);
        }
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        walk(node.get(i), pointer + "/" + i, visit);
      }
    }
  }
}
