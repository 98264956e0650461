package io.carechat.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.api.runtime.Admission;
import io.carechat.api.runtime.ApiRoutes;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Operation;
import io.carechat.api.runtime.RequestRefused;
import io.carechat.api.runtime.RequestRefused.InvalidRequest;
import io.carechat.api.runtime.RequestRefused.MalformedJson;
import io.carechat.api.runtime.RequestRefused.MethodNotAllowed;
import io.carechat.api.runtime.RequestRefused.NotAcceptable;
import io.carechat.api.runtime.RequestRefused.PayloadTooLarge;
import io.carechat.api.runtime.RequestRefused.UnsupportedMediaType;
import io.carechat.api.runtime.Violation;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The generated routes on a real server: what a handler gets, and what never reaches one. */
final class MessagesServiceTest {

  private static final UUID PATIENT = UUID.fromString("5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab");
  private static final String CHAT =
      "/api/v1/test-den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab/messages";
  private static final String ID = "IM6f03096c79094f9b9466c7d009073ca1";
  private static final MessageItem ITEM =
      new MessageItem(
          new MessageItemMeta("n", "p", null),
          new Message(
              new Sender(ClientType.PATIENT, PATIENT, null),
              "hello",
              ID,
              Instant.parse("2021-02-08T17:17:29Z")));
  private static final MessagePage PAGE =
      new MessagePage(new PageMeta(null, "p", 1, true), List.of(ITEM));

  /** What reached the handler or the error handler, in the order in which it came. */
  private static final ConcurrentLinkedQueue<Object> REACHED = new ConcurrentLinkedQueue<>();

  /** The operations that a filter knew after the answer was on its way. */
  private static final BlockingQueue<Operation> FILTERED = new LinkedBlockingQueue<>();

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static @Nullable WebServer server;

  @BeforeAll
  static void start() {
    Admission<String> admission =
        (operation, request, response) -> {
          REACHED.add(operation);
          if (!request.headers().contains(HeaderNames.create("X-API-KEY"))) {
            throw new Refused();
          }
          response.header("RateLimit", "\"" + operation.group() + "\";r=1;t=1");
          return request.headers().get(HeaderNames.create("X-API-KEY")).get();
        };
    ApiRoutes<String> routes = new ApiRoutes<>(admission, (_, _, send) -> send.run());
    MessagesService.routes(routes, new Recorder());
    routes.open(Contract.operation("getLiveness"), (_, response) -> response.send("alive"));
    server =
        WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .maxPayloadSize(1_000_000)
            // The longest query and token, escaped, need more than the default of the server.
            .addProtocol(Http1Config.builder().maxPrologueLength(32_768).build())
            .routing(routing ->
                routing
                    .addFilter((chain, request, _) -> {
                      chain.proceed();
                      request.context().get(Operation.class).ifPresent(FILTERED::add);
                    })
                    .register(routes)
                    .error(Refused.class, (_, response, _) -> response.status(401).send())
                    .error(
                        RequestRefused.class,
                        (_, response, refused) -> {
                          REACHED.add(refused);
                          response.status(status(refused)).send();
                        }))
            .build()
            .start();
  }

  @AfterAll
  static void stop() {
    running().stop();
  }

  @BeforeEach
  void forget() {
    REACHED.clear();
    FILTERED.clear();
  }

  // --- good requests ---

  @Test
  void aMessageToSendArrivesTyped() {
    HttpResponse<String> answer =
        post(
            CHAT,
            "{\"message\":\" Grüße 👋\\n\",\"sender\":{\"clientType\":\"CARE_TEAM\",\"id\":\""
                + PATIENT
                + "\",\"titleName\":\"Dr.\"}}",
            "Idempotency-Key",
            "key~1");

    assertThat(reached(MessagesService.SendMessageRequest.class))
        .isEqualTo(
            new MessagesService.SendMessageRequest(
                "test-den",
                "chat2",
                PATIENT,
                new NewMessage(
                    " Grüße 👋\n",
                    new CareTeamSender(CareTeamClientType.CARE_TEAM, PATIENT, "Dr.")),
                "key~1"));
    assertThat(reached(String.class)).isEqualTo("a-key");
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.headers().allValues("Content-Type")).containsExactly("application/json");
    assertThat(answer.headers().firstValue("Location")).contains("/there");
    assertThat(answer.headers().firstValue("Idempotent-Replayed")).contains("true");
    assertThat(answer.headers().firstValue("RateLimit")).contains("\"send\";r=1;t=1");
    assertThat(answer.headers().firstValueAsLong("Content-Length"))
        .hasValue(answer.body().getBytes(UTF_8).length);
    assertThat(answer.body())
        .isEqualTo(
            "{\"sender\":{\"clientType\":\"PATIENT\",\"id\":\""
                + PATIENT
                + "\",\"titleName\":null},\"message\":\"hello\",\"externalId\":\""
                + ID
                + "\",\"createdAt\":\"2021-02-08T17:17:29.000Z\"}");
  }

  @Test
  void whatACallerLeavesOutIsNull() {
    post(CHAT, "{\"message\":\"x\"}");
    assertThat(reached(MessagesService.SendMessageRequest.class).idempotencyKey()).isNull();
    assertThat(reached(MessagesService.SendMessageRequest.class).body())
        .isEqualTo(new NewMessage("x", null));

    forget();
    get(CHAT);
    assertThat(reached(MessagesService.FindMessagesRequest.class))
        .isEqualTo(
            new MessagesService.FindMessagesRequest("test-den", "chat2", PATIENT, null, null));
  }

  @Test
  void parametersArriveTyped() {
    HttpResponse<String> answer =
        get(
            CHAT
                + "/search?query=%22a%2Bb%22+-c%F0%9F%91%8B&pageSize=200&pageToken=e30=&from=2021-03-01T00:00:00%2B01:00"
                + "&to=2021-04-01T00:00:00.5Z&clientType=CARE_TEAM&highlight=true");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(reached(MessagesService.SearchMessagesRequest.class))
        .isEqualTo(
            new MessagesService.SearchMessagesRequest(
                "test-den",
                "chat2",
                PATIENT,
                "\"a+b\" -c👋",
                200,
                "e30=",
                Instant.parse("2021-02-28T23:00:00Z"),
                Instant.parse("2021-04-01T00:00:00.500Z"),
                ClientType.CARE_TEAM,
                true));
  }

  @Test
  void aSearchInABodyArrivesTyped() {
    post(
        CHAT + "/search",
        "{\"query\":\"a\",\"pageSize\":1,\"from\":\"2021-03-01T00:00:00Z\",\"highlight\":false}");

    assertThat(reached(MessagesService.SearchMessagesByBodyRequest.class).body())
        .isEqualTo(
            new MessageSearch(
                "a", 1, null, Instant.parse("2021-03-01T00:00:00Z"), null, null, false));
  }

  @Test
  void aFixedPathGoesBeforeOneWithAParameter() {
    get(CHAT + "/" + ID);
    assertThat(reached(MessagesService.GetMessageRequest.class).externalId()).isEqualTo(ID);
    forget();
    get(CHAT + "/search?query=a");
    assertThat(reached(MessagesService.SearchMessagesRequest.class).query()).isEqualTo("a");
  }

  @Test
  void anErrorOfTheHandlerIsAProblem() {
    HttpResponse<String> answer = get(CHAT + "/IM" + "0".repeat(32));

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.body())
        .isEqualTo(
            "{\"type\":\"/problems/not-found\",\"title\":\"t\",\"status\":404,\"detail\":\"d\","
                + "\"instance\":\"i\",\"code\":\"not-found\",\"errors\":[]}");
  }

  @Test
  void theOperationIsKnownToTheAdmissionAndToFiltersAfterwards() throws InterruptedException {
    Operation operation = Contract.operation("getMessage");
    get(CHAT + "/" + ID);
    assertThat(reached(Operation.class)).isEqualTo(operation);
    // Requests of other tests may still be on their way out of the filter.
    Operation filtered = FILTERED.poll(60, TimeUnit.SECONDS);
    while (filtered != null && !filtered.equals(operation)) {
      filtered = FILTERED.poll(60, TimeUnit.SECONDS);
    }
    assertThat(filtered).isEqualTo(operation);
  }

  @Test
  void openOperationsAreNotAdmitted() {
    HttpResponse<String> answer = send(request("/health/live", false).GET().build());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("alive");
  }

  @Test
  void tellsWhatNothingAnswers() {
    ApiRoutes<String> routes = new ApiRoutes<>((_, _, _) -> "", (_, _, send) -> send.run());
    MessagesService.routes(routes, new Recorder());
    assertThat(routes.missing())
        .extracting(Operation::id)
        .hasSize(Contract.operations().size() - 5)
        .contains("searchInstance", "listChats", "getLiveness")
        .doesNotContain("sendMessage");
  }

  // --- who is not admitted learns nothing ---

  @Test
  void admissionComesBeforeEveryCheck() {
    HttpResponse<String> answer =
        send(
            request("/api/v1/BAD/BAD/patients/BAD/messages?bad=1", false)
                .header("Accept", "image/png")
                .POST(HttpRequest.BodyPublishers.ofString("{"))
                .build());
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(REACHED).containsOnly(Contract.operation("sendMessage"));
  }

  // --- parameters ---

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pageSize=0 | pageSize | must be at least 1",
        "pageSize=201 | pageSize | must be at most 200",
        "pageSize=99999999999999999999 | pageSize | must be at most 200",
        "pageSize=x | pageSize | must be a whole number",
        "pageSize= | pageSize | must be a whole number",
        "pageSize=+5 | pageSize | must be a whole number",
        "pageSize=%2B5 | pageSize | must be a whole number",
        "pageSize=5.0 | pageSize | must be a whole number",
        "pageSize=05 | pageSize | must be a whole number",
        "pageSize=%D9%A5 | pageSize | must be a whole number",
        "pageSize=1&pageSize=2 | pageSize | must be given only once",
        "pageSize=1&pageSize=1 | pageSize | must be given only once",
        "pageToken= | pageToken | must not be empty",
        "PageSize=1 | PageSize | is not a parameter of this operation",
        "a=1&a=2 | a | is not a parameter of this operation",
        "pageToken=%C3%28 | pageToken | must be percent-encoded UTF-8",
        "%C3%28=1 | '' | is not a parameter of this operation, and is not UTF-8",
      })
  void tellsTheFaultOfAParameter(String query, String parameter, String detail) {
    get(CHAT + "?" + query);
    assertThat(faults()).containsExactly(Violation.ofParameter(parameter, detail));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "query= | query | must not be empty",
        "query=%20%C2%A0 | query | must contain something other than white space, and no control characters other than tab and line breaks",
        "query=a%00b | query | must contain something other than white space, and no control characters other than tab and line breaks",
        "query=a&highlight=1 | highlight | must be true or false",
        "query=a&highlight=TRUE | highlight | must be true or false",
        "query=a&from=2021-03-01 | from | must be a time as in RFC 3339, such as 2021-03-01T00:00:00Z",
        "query=a&to=2021-02-30T00:00:00Z | to | must be a time as in RFC 3339, such as 2021-03-01T00:00:00Z",
        "query=a&from=2021-03-01T00:00:00++01:00 | from | must be a time as in RFC 3339, such as 2021-03-01T00:00:00Z",
        "query=a&clientType=ROBOT | clientType | must be PATIENT or CARE_TEAM",
      })
  void tellsTheFaultOfASearch(String query, String parameter, String detail) {
    get(CHAT + "/search?" + query);
    assertThat(faults()).containsExactly(Violation.ofParameter(parameter, detail));
  }

  @Test
  void countsCharactersAsCodePoints() {
    assertThat(get(CHAT + "/search?query=" + "%F0%9F%91%8B".repeat(500)).statusCode())
        .isEqualTo(200);
    forget();
    get(CHAT + "/search?query=" + "%F0%9F%91%8B".repeat(501));
    assertThat(faults())
        .containsExactly(
            Violation.ofParameter("query", "must have at most 500 characters, but has 501"));
  }

  @Test
  void tellsAllFaultsAtOnceInTheContractsOrder() {
    post(
        "/api/v1/Test/-x/patients/not-a-uuid/messages?zzz=1",
        "{\"message\":\"\",\"extra\":1,\"sender\":{\"titleName\":7,\"clientType\":\"PATIENT\"}}",
        "Idempotency-Key",
        "has space");

    String name =
        "must be 1 to 63 lower-case letters, digits and hyphens, not beginning with a hyphen";
    assertThat(faults())
        .containsExactlyInAnyOrder(
            Violation.ofParameter("tenantName", name),
            Violation.ofParameter("instanceName", name),
            Violation.ofParameter(
                "patientId",
                "must be a UUID of 36 characters, such as 5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab"),
            Violation.ofParameter(
                "Idempotency-Key", "must be 1 to 255 visible ASCII characters, without spaces"),
            Violation.ofParameter("zzz", "is not a parameter of this operation"),
            Violation.ofBody("/message", "must not be empty"),
            Violation.ofBody("/extra", "is unknown; the known members are message, sender"),
            Violation.ofBody("/sender/id", "is required"),
            Violation.ofBody("/sender/titleName", "must be a string or null"),
            Violation.ofBody("/sender/clientType", "must be CARE_TEAM"));
    assertThat(faults().stream().map(Violation::parameter).limit(5))
        .containsExactly("tenantName", "instanceName", "patientId", "Idempotency-Key", "zzz");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5cccfad8c7b04fe8a01eeb80c0b234ab",
        "5cccfad8-c7b0-4fe8-a01e-eb80c0b234a",
        "1-1-1-1-1",
        "{5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab}",
        "5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab%0A",
        "%00",
      })
  void aPatientIdIsAUuidInFull(String id) {
    get(
        "/api/v1/test-den/chat2/patients/"
            + id.replace("{", "%7B").replace("}", "%7D")
            + "/messages");
    assertThat(faults()).extracting(Violation::parameter).containsExactly("patientId");
  }

  @Test
  void aPatientIdMayHaveCapitals() {
    get("/api/v1/test-den/chat2/patients/5CCCFAD8-C7B0-4FE8-A01E-EB80C0B234AB/messages");
    assertThat(reached(MessagesService.FindMessagesRequest.class).patientId()).isEqualTo(PATIENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "IM6F03096C79094F9B9466C7D009073CA1",
        "IM6f03096c79094f9b9466c7d009073ca",
        "XX6f03096c79094f9b9466c7d009073ca1",
        "IM6f03096c79094f9b9466c7d009073ca1%0A",
      })
  void anExternalIdIsExact(String id) {
    get(CHAT + "/" + id);
    assertThat(faults()).extracting(Violation::parameter).containsExactly("externalId");
  }

  @Test
  void aHeaderIsGivenOnce() {
    post(CHAT, "{\"message\":\"x\"}", "Idempotency-Key", "a", "Idempotency-Key", "b");
    assertThat(faults())
        .containsExactly(Violation.ofParameter("Idempotency-Key", "must be given only once"));
  }

  @Test
  void anIdempotencyKeyHasItsLimits() {
    assertThat(post(CHAT, "{\"message\":\"x\"}", "Idempotency-Key", "k".repeat(255)).statusCode())
        .isEqualTo(201);
    forget();
    post(CHAT, "{\"message\":\"x\"}", "Idempotency-Key", "k".repeat(256));
    assertThat(faults())
        .containsExactly(
            Violation.ofParameter(
                "Idempotency-Key", "must have at most 255 characters, but has 256"));
  }

  // --- bodies ---

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      value = {
        "{} | /message | is required",
        "[] | | must be an object",
        "null | | must be an object",
        "\"x\" | | must be an object",
        "{\"message\":null} | /message | must be a string",
        "{\"message\":7} | /message | must be a string",
        "{\"message\":\"\"} | /message | must not be empty",
        "{\"message\":\" \\n\\u3000\\u00a0\"} | /message | must contain something other than white space, and no NUL",
        "{\"message\":\"a\\u0000\"} | /message | must contain something other than white space, and no NUL",
        "{\"message\":\"a\\ud800\"} | /message | must not contain an unpaired surrogate",
        "{\"message\":\"\\udc4b\\ud83d\"} | /message | must not contain an unpaired surrogate",
        "{\"message\":\"a\",\"Message\":\"b\"} | /Message | is unknown; the known members are message, sender",
        "{\"message\":\"a\",\"x/~y\":1} | /x~1~0y | is unknown; the known members are message, sender",
        "{\"message\":\"a\",\"\\ud800\":1} | /\uFFFD | is unknown; the known members are message, sender",
        "{\"message\":\"a\",\"sender\":7} | /sender | must be an object",
        "{\"message\":\"a\",\"sender\":{\"id\":null}} | /sender/id | must be a string",
        "{\"message\":\"a\",\"sender\":{\"id\":\"x\"}} | /sender/id | must be a UUID of 36 characters, such as 5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab",
      })
  void tellsTheFaultOfABody(String body, @Nullable String pointer, String detail) {
    post(CHAT, body);
    assertThat(faults()).containsExactly(Violation.ofBody(pointer == null ? "" : pointer, detail));
  }

  @Test
  void aMessageHasItsLimits() {
    assertThat(post(CHAT, "{\"message\":\"" + "👋".repeat(10_000) + "\"}").statusCode())
        .isEqualTo(201);
    forget();
    post(CHAT, "{\"message\":\"" + "👋".repeat(10_001) + "\"}");
    assertThat(faults())
        .containsExactly(
            Violation.ofBody("/message", "must have at most 10000 characters, but has 10001"));
  }

  @Test
  void aTitleHasItsLimits() {
    String body =
        "{\"message\":\"a\",\"sender\":{\"id\":\"" + PATIENT + "\",\"titleName\":\"%s\"}}";
    assertThat(post(CHAT, body.formatted("t".repeat(100))).statusCode()).isEqualTo(201);
    assertThat(post(CHAT, body.replace("\"%s\"", "null")).statusCode()).isEqualTo(201);
    forget();
    post(CHAT, body.formatted("t".repeat(101)));
    assertThat(faults()).extracting(Violation::pointer).containsExactly("/sender/titleName");
    forget();
    post(CHAT, body.formatted("Dr.\\nx"));
    assertThat(faults())
        .containsExactly(
            Violation.ofBody(
                "/sender/titleName",
                "must contain something other than white space, and no control characters"));
  }

  @Test
  void aBlankMessageOfFullLengthIsRefusedQuickly() {
    long begin = System.nanoTime();
    post(CHAT, "{\"message\":\"" + " ".repeat(9_999) + "\\u0000\"}");
    assertThat(faults()).hasSize(1);
    assertThat(System.nanoTime() - begin).isLessThan(2_000_000_000L);
  }

  @Test
  void aBodyOfNothingButFaultsGetsAShortAnswer() {
    StringBuilder body = new StringBuilder("{\"message\":\"a\"");
    for (int i = 0; i < 5_000; i++) {
      body.append(",\"m").append(i).append("\":1");
    }
    post(CHAT, body.append('}').toString());
    assertThat(faults()).hasSize(100);
  }

  @Test
  void aMissingBodyIsAFault() {
    send(request(CHAT, true).POST(HttpRequest.BodyPublishers.noBody()).build());
    assertThat(faults())
        .containsExactly(Violation.ofBody("", "is missing; it must be a JSON object"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{", "{\"message\":\"a\"} {}", "{\"message\":\"a\",\"message\":\"b\"}", " "})
  void refusesWhatIsNotJson(String body) {
    assertThat(post(CHAT, body).statusCode()).isEqualTo(400);
    assertThat(reached(MalformedJson.class).detail()).startsWith("The body ");
  }

  @Test
  void refusesABodyThatIsTooLarge() {
    post(CHAT, "{\"message\":\"" + "a".repeat(140_000) + "\"}");
    assertThat(reached(PayloadTooLarge.class).detail())
        .isEqualTo("The body must have at most 131072 bytes.");
  }

  @Test
  void refusesABodyThatTurnsOutTooLarge() {
    byte[] large = ("{\"message\":\"" + "a".repeat(140_000) + "\"}").getBytes(UTF_8);
    send(
        request(CHAT, true)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(large)))
            .build());
    assertThat(reached(PayloadTooLarge.class)).isNotNull();
  }

  @Test
  void takesABodyOfExactlyTheLimit() {
    String body = "{\"message\":\"a\"}";
    assertThat(post(CHAT, body + " ".repeat(65_536 - body.length())).statusCode()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/json; charset=ISO-8859-1",
        "application/*",
        "nonsense",
        "application/problem+json",
        "multipart/form-data; boundary=x"
      })
  void refusesOtherMediaTypes(String type) {
    HttpResponse<String> answer =
        send(
            request(CHAT, true)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"a\"}"))
                .build());
    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(reached(UnsupportedMediaType.class)).isNotNull();
  }

  @Test
  void refusesABodyWithoutAMediaType() {
    HttpResponse<String> answer =
        send(
            request(CHAT, true)
                .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"a\"}"))
                .build());
    assertThat(answer.statusCode()).isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""})
  void takesJsonInUtf8(String type) {
    HttpResponse<String> answer =
        send(
            request(CHAT, true)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"a\"}"))
                .build());
    assertThat(answer.statusCode()).isEqualTo(201);
  }

  // --- negotiation and methods ---

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json | 200",
        "*/* | 200",
        "application/* | 200",
        "text/html, application/json;q=0.1 | 200",
        "text/html | 406",
        "application/problem+json | 406",
        "application/json;q=0, */* | 406",
        "*/*;q=0 | 406",
        "application/json;q=0.5, */*;q=0 | 200",
        "nonsense | 406",
        "application/json;q=x | 406",
        "Application/JSON | 200",
      })
  void answersWithJsonOnlyToThoseWhoTakeIt(String accept, int status) {
    HttpResponse<String> answer = send(request(CHAT, true).header("Accept", accept).GET().build());
    assertThat(answer.statusCode()).isEqualTo(status);
    if (status == 406) {
      assertThat(reached(NotAcceptable.class)).isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT | '' | GET, HEAD, OPTIONS, POST",
        "DELETE | /search | GET, HEAD, OPTIONS, POST",
        "POST | /IM6f03096c79094f9b9466c7d009073ca1 | GET, HEAD, OPTIONS",
      })
  void tellsTheMethodsOfAPath(String method, String path, String allow) {
    HttpResponse<String> answer =
        send(
            request(CHAT + path, true).method(method, HttpRequest.BodyPublishers.noBody()).build());
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(reached(MethodNotAllowed.class).allow()).isEqualTo(allow);
  }

  @Test
  void tellsAPathsMethodsToAnybodyWhoAsks() {
    HttpResponse<String> answer =
        send(request(CHAT, false).method("OPTIONS", HttpRequest.BodyPublishers.noBody()).build());
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS, POST");
    assertThat(REACHED).isEmpty();
  }

  @Test
  void answersHeadAsGetWithoutTheBody() {
    HttpResponse<String> get = get(CHAT);
    HttpResponse<String> head = send(request(CHAT, true).HEAD().build());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length"))
        .contains(String.valueOf(get.body().length()));
  }

  @Test
  void otherPathsAreNotAnswered() {
    assertThat(get("/api/v1/test-den/chat2/patients").statusCode()).isEqualTo(404);
    assertThat(get(CHAT + "/" + ID + "/more").statusCode()).isEqualTo(404);
    assertThat(REACHED).isEmpty();
  }

  // --- what no ordinary client sends ---

  /** The server itself refuses these; what it lets through meets the same checks. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        CHAT + "?pageToken=%zz",
        CHAT + "?pageToken=%",
        "/api/v1/test-den/chat2/patients/%zz/messages",
        "/api/v1/test-den/chat2/patients/%2e%2e%2f/messages",
        "/api/v1/test-den/chat2/patients/../messages",
        "/api/v1/test-den/chat2/patients//messages",
      })
  void brokenAddressesReachNoHandler(String address) throws IOException {
    assertThat(raw("GET " + address + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: k\r\n"))
        .startsWith("HTTP/1.1 4");
    assertThat(REACHED).noneMatch(MessagesService.FindMessagesRequest.class::isInstance);
  }

  @Test
  void aBodyThatIsNotUtf8IsMalformed() {
    HttpResponse<String> answer =
        send(
            request(CHAT, true)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofByteArray(
                        "{\"message\":\"é\"}"
                            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)))
                .build());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(reached(MalformedJson.class).detail()).isEqualTo("The body is not UTF-8.");
  }

  @Test
  void noFaultRepeatsWhatACallerSent() {
    String secret = "s3cret";
    post(
        CHAT + "?" + "a=" + secret,
        "{\"message\":{\"" + "x" + "\":\"" + secret + "\"},\"sender\":\"" + secret + "\"}",
        "Idempotency-Key",
        secret + " ");
    get(
        CHAT
            + "/search?query="
            + secret
            + "%00&pageToken=&clientType="
            + secret
            + "&from="
            + secret);
    post(CHAT, "{\"message\":\"" + secret);
    for (Object each : REACHED) {
      if (each instanceof InvalidRequest invalid) {
        assertThat(invalid.violations()).isNotEmpty();
        assertThat(invalid.violations().toString()).doesNotContain(secret);
      } else if (each instanceof RequestRefused refused) {
        assertThat(refused.detail()).doesNotContain(secret);
      }
    }
    assertThat(REACHED.stream().filter(RequestRefused.class::isInstance)).hasSize(3);
  }

  // --- the ways in and out ---

  private static WebServer running() {
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    return server;
  }

  private static int status(RequestRefused refused) {
    return switch (refused) {
      case InvalidRequest _, MalformedJson _ -> 400;
      case MethodNotAllowed _ -> 405;
      case NotAcceptable _ -> 406;
      case PayloadTooLarge _ -> 413;
      case UnsupportedMediaType _ -> 415;
    };
  }

  private static <T> T reached(Class<T> type) {
    return type.cast(
        REACHED.stream()
            .filter(type::isInstance)
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("no " + type.getSimpleName() + " but " + REACHED)));
  }

  private static List<Violation> faults() {
    return new ArrayList<>(reached(InvalidRequest.class).violations());
  }

  private static HttpRequest.Builder request(String path, boolean admitted) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + running().port() + path));
    return admitted ? builder.header("X-API-KEY", "a-key") : builder;
  }

  private static HttpResponse<String> get(String path) {
    return send(request(path, true).GET().build());
  }

  private static HttpResponse<String> post(String path, String body, String... headers) {
    HttpRequest.Builder builder =
        request(path, true)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return send((headers.length == 0 ? builder : builder.headers(headers)).build());
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Sends a head as it is, and gives the first line of the answer. */
  private static @Nullable String raw(String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), running().port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write((head + "\r\n").getBytes(UTF_8));
      return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
    }
  }

  /** Remembers what it gets. */
  private static final class Recorder implements MessagesService<String> {

    @Override
    public SendMessageResponse sendMessage(String caller, SendMessageRequest request) {
      REACHED.add(caller);
      REACHED.add(request);
      return new SendMessageResponse.Created(ITEM.message(), "/there", true);
    }

    @Override
    public FindMessagesResponse findMessages(String caller, FindMessagesRequest request) {
      REACHED.add(request);
      return new FindMessagesResponse.Ok(PAGE);
    }

    @Override
    public SearchMessagesResponse searchMessages(String caller, SearchMessagesRequest request) {
      REACHED.add(request);
      return new SearchMessagesResponse.Ok(PAGE);
    }

    @Override
    public SearchMessagesByBodyResponse searchMessagesByBody(
        String caller, SearchMessagesByBodyRequest request) {
      REACHED.add(request);
      return new SearchMessagesByBodyResponse.Ok(PAGE);
    }

    @Override
    public GetMessageResponse getMessage(String caller, GetMessageRequest request) {
      REACHED.add(request);
      return request.externalId().equals(ID)
          ? new GetMessageResponse.Ok(ITEM)
          : new GetMessageResponse.NotFound(
              new Problem("/problems/not-found", "t", 404, "d", "i", "not-found", List.of()));
    }
  }

  /** Not admitted. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
