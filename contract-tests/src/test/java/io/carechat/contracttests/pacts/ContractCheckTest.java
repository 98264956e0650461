package io.carechat.contracttests.pacts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import au.com.dius.pact.core.model.ContentType;
import au.com.dius.pact.core.model.OptionalBody;
import au.com.dius.pact.core.model.ProviderState;
import au.com.dius.pact.core.model.Request;
import au.com.dius.pact.core.model.Response;
import au.com.dius.pact.core.model.generators.Generators;
import au.com.dius.pact.core.model.matchingrules.MatchingRulesImpl;
import au.com.dius.pact.core.model.messaging.Message;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.api.runtime.Contract;
import io.carechat.domain.webhooks.WebhookPayload;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of difference between a pact and the contract has its own message. */
final class ContractCheckTest {
  private static final String CHAT =
      "/api/v1/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab/messages";

  private final ContractCheck check = new ContractCheck();

  @Test
  void findsNothingInWhatTheContractHas() {
    assertThat(
            faults(
                get(
                    CHAT + "/search",
                    "query=hello&pageSize=200&from=2021-03-01T00:00:00Z"
                        + "&clientType=PATIENT&highlight=true"),
                answer(
                    200,
                    "{'meta':{'found':true,'nextPageToken':null},'content':[{'message':{'sender':{"
                        + "'clientType':'CARE_TEAM','titleName':'Dr.'}}}]}")))
        .isEmpty();
    assertThat(
            faults(
                post("{'message':'hello','sender':{'id':'0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10'}}"),
                answer(201, "{'createdAt':'2021-02-08T17:17:29.000Z'}")))
        .isEmpty();
    assertThat(faults(request("HEAD", CHAT, "", ""), answer(200, ""))).isEmpty();
    assertThat(faults(request("OPTIONS", CHAT, "", ""), answer(204, ""))).isEmpty();
    assertThat(faults(new Request("GET", "/health/ready"), answer(200, ""))).isEmpty();
  }

  @Test
  void findsPathsMethodsAndStatusesThatThereAreNot() {
    assertThat(faults(get("/api/v2/messages", ""), answer(200, "")))
        .containsExactly("contract: there is no path /api/v2/messages");
    assertThat(faults(request("PUT", CHAT, "", "{}"), answer(200, "")))
        .containsExactly(
            "contract: there is no PUT of"
                + " /api/v1/{tenantName}/{instanceName}/patients/{patientId}/messages");
    assertThat(faults(get(CHAT, ""), answer(404, "")))
        .containsExactly("contract: findMessages never answers 404");
  }

  @Test
  void letsARefusedRequestBreakTheContract() {
    assertThat(faults(get("/api/v2/messages", ""), answer(404, ""))).isEmpty();
    assertThat(faults(request("PUT", CHAT, "", ""), answer(405, ""))).isEmpty();
    assertThat(faults(get(CHAT, "pageSize=0&size=1"), answer(400, ""))).isEmpty();
    assertThat(faults(new Request("GET", CHAT), answer(401, ""))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          size=2                 | there is no query parameter 'size'
          pageSize=two           | query parameter 'pageSize' must be a whole number, not "two"
          pageSize=0             | query parameter 'pageSize' must be at least 1, not 0
          pageSize=201           | query parameter 'pageSize' must be at most 200, not 201
          pageSize=2&pageSize=3  | query parameter 'pageSize' must be given once, not 2 times
          from=yesterday         | query parameter 'from' must be a date-time, not "yesterday"
          highlight=yes          | query parameter 'highlight' must be true or false, not "yes"
          clientType=NURSE       | query parameter 'clientType' must be one of ["PATIENT","CARE_TEAM"], not "NURSE"
          query=                 | query parameter 'query' must have at least 1 characters, not ""
          query=%20              | query parameter 'query' must contain something other than white space, and no control characters other than tab and line breaks, not " "
          """)
  void readsQueryParameters(String query, String fault) {
    assertThat(faults(get(CHAT + "/search", query), answer(200, "")))
        .containsExactly("contract: " + fault);
  }

  @Test
  void readsPathsHeadersAndCredentials() {
    assertThat(faults(get("/api/v1/Test/chat2/patients/1/messages/IM1", ""), answer(200, "")))
        .containsExactly(
            "contract: 'externalId' in the path must have at least 34 characters, not \"IM1\"",
            "contract: 'patientId' in the path must be a uuid, not \"1\"",
            "contract: 'tenantName' in the path must be 1 to 63 lower-case letters, digits and"
                + " hyphens, not beginning with a hyphen, not \"Test\"");
    Request request = post("{'message':'hello'}");
    request.getHeaders().put("idempotency-key", List.of("two words"));
    assertThat(faults(request, answer(201, "")))
        .containsExactly(
            "contract: header Idempotency-Key must be 1 to 255 visible ASCII characters, without"
                + " spaces, not \"two words\"");
    assertThat(faults(new Request("GET", CHAT), answer(200, "")))
        .containsExactly("contract: the request needs a header X-API-KEY or Authorization");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'text':'hello'}                                | request body $ has no member 'text'; request body $ needs a member 'message'
          {'message':7}                                   | request body $.message must be a string, not 7
          {'message':null}                                | request body $.message must not be null, not null
          {'message':' '}                                 | request body $.message must contain something other than white space, and no NUL, not " "
          {'message':'a','sender':{'id':'7'}}             | request body $.sender.id must be a uuid, not "7"
          {'message':'a','sender':{'clientType':'NURSE'}} | request body $.sender.clientType must be one of ["CARE_TEAM"], not "NURSE"; request body $.sender needs a member 'id'
          ['hello']                                       | request body $ must be an object, not ["hello"]
          ''                                              | the request needs a body
          """)
  void readsTheRequestsBody(String body, String faults) {
    assertThat(faults(post(body.equals("''") ? "" : body), answer(201, "")))
        .containsExactlyElementsOf(expected(faults));
  }

  @Test
  void readsMediaTypes() {
    Request request = post("{'message':'hello'}");
    request.getHeaders().put("content-type", List.of("text/plain"));
    Response answer = answer(201, "{}");
    answer.getHeaders().put("Content-Type", List.of("text/html; charset=utf-8"));

    assertThat(faults(request, answer))
        .containsExactly(
            "contract: the request body must be application/json, not text/plain",
            "contract: the response body must be application/json, not text/html");
    assertThat(faults(request("GET", CHAT, "", "{}"), answer(200, "")))
        .containsExactly("contract: the request has no body");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'meta':{'total':3}}                                        | response body $.meta has no member 'total'
          {'meta':{'found':1}}                                        | response body $.meta.found must be a boolean, not 1
          {'meta':{'prevPageToken':null}}                             | response body $.meta.prevPageToken must not be null, not null
          {'meta':{'pageSize':201}}                                   | response body $.meta.pageSize must be at most 200, not 201
          {'content':{}}                                              | response body $.content must be an array, not {}
          {'content':[{},{'message':{'externalId':'IM0'}}]}           | response body $.content[1].message.externalId must have at least 34 characters, not "IM0"
          {'content':[{'message':{'createdAt':'2021-02-08T17:17:29Z'}}]} | response body $.content[0].message.createdAt must match ^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$, not "2021-02-08T17:17:29Z"
          {'content':[{'message':{'createdAt':'2021-02-31T17:17:29.000Z'}}]} | response body $.content[0].message.createdAt must be a date-time, not "2021-02-31T17:17:29.000Z"
          {'content':[{'message':{'sender':{'clientType':'BOT'}}}]}   | response body $.content[0].message.sender.clientType must be one of ["PATIENT","CARE_TEAM"], not "BOT"
          """)
  void readsTheAnswersBody(String body, String faults) {
    assertThat(faults(get(CHAT, ""), answer(200, body)))
        .containsExactlyElementsOf(expected(faults));
  }

  @Test
  void readsListsThatAreTooShort() {
    assertThat(
            faults(
                get("/api/v1/test-den/chat2/webhooks/we01a205fc201575578fae54cb009e666a", ""),
                answer(200, "{'eventTypes':[]}")))
        .contains("contract: response body $.eventTypes must have at least 1 items, not []");
  }

  /** A keyword that the contract begins to use must not be ignored. */
  @ParameterizedTest
  @ValueSource(strings = {"openapi.json", "webhooks.json"})
  void knowsEveryKeywordOfTheContract(String document) throws IOException {
    var keywords = new TreeSet<String>();
    schemas(new ObjectMapper().readTree(Contract.file(document)), keywords);

    assertThat(keywords).contains("type", "pattern").isSubsetOf(SchemaCheck.KEYWORDS);
  }

  private static void schemas(JsonNode node, Set<String> keywords) {
    node.forEachEntry((name, member) -> {
      switch (name) {
        case "schema" -> keywords(member, keywords);
        case "schemas" -> member.forEach(schema -> keywords(schema, keywords));
        default -> schemas(member, keywords);
      }
    });
    if (node.isArray()) {
      node.forEach(each -> schemas(each, keywords));
    }
  }

  private static void keywords(JsonNode schema, Set<String> keywords) {
    schema.fieldNames().forEachRemaining(keywords::add);
    schema.path("properties").forEach(member -> keywords(member, keywords));
    if (schema.has("items")) {
      keywords(schema.path("items"), keywords);
    }
  }

  @Test
  void readsListsThatAreTooLong() {
    String items = String.join(",", Collections.nCopies(201, "{}"));

    assertThat(faults(get(CHAT, ""), answer(200, "{'content':[" + items + "]}")))
        .singleElement()
        .asString()
        .startsWith("contract: response body $.content must have at most 200 items");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          201 | X-Message-Id        | IM1  | an answer 201 has no header 'X-Message-Id'
          201 | Idempotent-Replayed | yes  | response header Idempotent-Replayed must be true or false, not "yes"
          201 | location            | a b  | response header location must be a uri-reference, not "a b"
          429 | Retry-After         | soon | response header Retry-After must be a whole number, not "soon"
          429 | Retry-After         | 0    | response header Retry-After must be at least 1, not 0
          """)
  void readsTheAnswersHeaders(int status, String name, String value, String fault) {
    Response answer = answer(status, "");
    answer.getHeaders().put(name, List.of(value));

    assertThat(faults(post("{'message':'hello'}"), answer)).containsExactly("contract: " + fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length", "date", "Connection"})
  void knowsTheHeadersOfHttp(String name) {
    Response answer = answer(200, "");
    answer.getHeaders().put(name, List.of("7"));

    assertThat(faults(get(CHAT, ""), answer)).isEmpty();
  }

  @Test
  void readsMessages() {
    Map<String, Object> metadata = new TreeMap<>();
    metadata.put("contentType", "application/json");
    metadata.put("webhook-timestamp", "now");
    metadata.put("X-WEBHOOK-API-KEY", "example");
    metadata.put("queue", "messages");

    assertThat(
            check.faults(
                message("{'patientId':'7','text':'hello'}", metadata), WebhookPayload.SOURCE))
        .containsExactly(
            "contract: the webhook has no header 'queue'",
            "contract: header webhook-timestamp must be a whole number, not \"now\"",
            "contract: body $.patientId must be a uuid, not \"7\"",
            "contract: body $ has no member 'text'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SOURCE   | {'type':'message.sent'}                              | body $ has no member 'type'
          STANDARD | {'type':'message.sent','data':{'message':{'message':'a'}}} | ''
          STANDARD | {'message':'a'}                                      | body $ has no member 'message'
          STANDARD | {'data':{'message':'a'}}                             | body $.data.message must be an object, not "a"
          THIN     | {'type':'chat.read','data':{'externalId':'IM6f03096c79094f9b9466c7d009073ca1'}} | ''
          THIN     | {'data':{'message':{'message':'a'}}}                 | body $.data has no member 'message'
          THIN     | {'type':'chat.closed'}                               | ''
          THIN     | {'type':'Chat closed'}                               | body $.type must match ^[a-z]+([.-][a-z]+)*$, not "Chat closed"
          """)
  void readsMessagesOfEachForm(WebhookPayload payload, String body, String faults) {
    assertThat(check.faults(message(body, new TreeMap<>()), payload))
        .containsExactlyElementsOf(faults.isEmpty() ? List.of() : expected(faults));
  }

  @Test
  void takesTheFormOfAMessageFromItsStateOrElseFromItsBody() {
    OptionalBody envelope = body("{'type':'message.sent'}");
    var silent = new ProviderState(ProviderStates.TO_DELIVER);

    assertThat(MessageForm.of(List.of(silent), body("{'message':'a'}")))
        .isEqualTo(WebhookPayload.SOURCE);
    assertThat(MessageForm.of(List.of(silent), body("hello"))).isEqualTo(WebhookPayload.SOURCE);
    assertThat(MessageForm.of(List.of(silent), envelope)).isEqualTo(WebhookPayload.STANDARD);
    assertThat(MessageForm.of(List.of(saying("THIN")), envelope)).isEqualTo(WebhookPayload.THIN);
    assertThatThrownBy(() -> MessageForm.of(List.of(saying("FAT")), envelope))
        .hasMessage("The parameter 'payload' must be SOURCE, STANDARD or THIN, not 'FAT'.");
  }

  private static ProviderState saying(String payload) {
    return new ProviderState(ProviderStates.TO_DELIVER, Map.of("payload", payload));
  }

  private static Message message(String body, Map<String, Object> metadata) {
    return new Message(
        "a message of a patient",
        List.of(),
        body(body),
        new MatchingRulesImpl(),
        new Generators(),
        metadata);
  }

  private static List<String> expected(String faults) {
    return Arrays.stream(faults.split("; ", -1)).map(each -> "contract: " + each).toList();
  }

  private List<String> faults(Request request, Response response) {
    return check.faults(request, response);
  }

  private static Request get(String path, String query) {
    return request("GET", path, query, "");
  }

  private static Request post(String body) {
    return request("POST", CHAT, "", body);
  }

  private static Request request(String method, String path, String query, String body) {
    Map<String, List<String>> parameters =
        query.isEmpty()
            ? Map.of()
            : Arrays.stream(query.split("&", -1))
                .map(each -> each.split("=", 2))
                .collect(
                    Collectors.groupingBy(
                        each -> each[0],
                        Collectors.mapping(
                            each -> each[1].replace("%20", " "), Collectors.toList())));
    return new Request(
        method,
        path,
        parameters,
        new HashMap<>(Map.of("X-API-KEY", List.of("example"))),
        body(body));
  }

  private static Response answer(int status, String body) {
    return new Response(status, new HashMap<>(), body(body));
  }

  private static OptionalBody body(String json) {
    return json.isEmpty()
        ? OptionalBody.missing()
        : OptionalBody.body(json.replace('\'', '"').getBytes(UTF_8), ContentType.getJSON());
  }
}
