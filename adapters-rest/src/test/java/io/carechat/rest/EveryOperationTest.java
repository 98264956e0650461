package io.carechat.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.carechat.api.checked.BrokenRequests;
import io.carechat.api.checked.BrokenRequests.Broken;
import io.carechat.api.checked.DescribedOperation;
import io.carechat.api.checked.Document;
import io.carechat.api.checked.RequestDraft;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.http.Described;
import io.carechat.rest.http.LogCapture;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What all operations that need a credential have in common, tried with each that the contract has:
 * the requests are made of the contract's own parameters and examples. A new operation is tried
 * without a line here; what only it answers needs tests of its own, and the end of the build tells
 * which of that no test saw.
 */
final class EveryOperationTest {
  private static final String STRANGERS_TOKEN = "token.of.another-patient";
  private static final int TOO_LONG = 20_000;
  private static ServedApi served;

  @BeforeAll
  static void serve() {
    served = new ServedApi();
    served.tokens.put(
        STRANGERS_TOKEN,
        new Caller.PatientUser(
            "patient-2",
            Samples.THIS_INSTANCE,
            Set.of(Scope.values()),
            new PatientId(UUID.fromString("11111111-2222-4333-8444-555555555555"))));
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  static List<DescribedOperation> operations() {
    return Document.served().operations().stream().filter(DescribedOperation::secured).toList();
  }

  static Stream<Arguments> withABody() {
    return operations().stream()
        .flatMap(operation -> operation.body().stream().map(body -> Arguments.of(operation, body)));
  }

  /** Those without a credential, too. */
  static List<DescribedOperation> withoutABody() {
    return Document.served().operations().stream()
        .filter(operation -> operation.body().isEmpty())
        .toList();
  }

  static Stream<Arguments> broken() {
    return operations().stream()
        .flatMap(operation ->
            BrokenRequests.of(operation, RequestDraft.of(operation)).stream()
                .map(each -> Arguments.of(operation, each)));
  }

  static List<DescribedOperation> aboutAPatient() {
    return operations().stream().filter(each -> each.route().contains("{patientId}")).toList();
  }

  private static Received send(RequestDraft request, String key) {
    return send(served, request, key);
  }

  private static Received send(ServedApi to, RequestDraft request, String key) {
    return to.send(withKey(request, key).toRequest("http://127.0.0.1:" + to.port()).build());
  }

  private static RequestDraft withKey(RequestDraft request, String key) {
    return key.startsWith("token.")
        ? request.header("Authorization", "Bearer " + key)
        : request.header("X-API-KEY", key);
  }

  private static void isProblem(Received answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.code()).isEqualTo(code);
  }

  @Test
  void thereAreOperationsToTry() {
    assertThat(operations()).hasSizeGreaterThan(4);
    assertThat(operations()).allMatch(each -> each.route().startsWith("/api/v1/"));
  }

  // --- what is asked ---

  /** What the contract shows is taken, whatever comes of it in an empty chat. */
  @ParameterizedTest
  @MethodSource("operations")
  void theContractsExampleIsTaken(DescribedOperation operation) {
    if (Document.served().isStream(operation)) {
      // Its tests are those of the stream: it is taken by beginning, and does not end.
      assertThat(operation.method()).isEqualTo("GET");
      return;
    }
    isTaken(send(RequestDraft.of(operation), ServedApi.KEY));
  }

  /**
   * Clients of several generators write every member that nobody has set as null. It is the same as
   * if it were absent, for each optional member of each request.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("withABody")
  void anOptionalMemberThatIsNullIsAbsent(
      DescribedOperation operation, DescribedOperation.Body body) {
    int nulls = 0;
    for (JsonNode example : body.examples()) {
      for (JsonNode changed : withANull(body.schema(), example)) {
        isTaken(send(RequestDraft.of(operation).body(changed), ServedApi.KEY));
        nulls++;
      }
    }
    assertThat(nulls).isGreaterThanOrEqualTo(body.examples().size());
  }

  /** A value with one optional member as null, for each that it has or might have. */
  private static List<JsonNode> withANull(JsonNode schema, JsonNode value) {
    List<JsonNode> changed = new ArrayList<>();
    if (!value.isObject()) {
      return changed;
    }
    Set<String> required = new HashSet<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    for (Map.Entry<String, JsonNode> member : schema.path("properties").properties()) {
      String name = member.getKey();
      if (!required.contains(name)) {
        changed.add(((ObjectNode) value.deepCopy()).putNull(name));
      }
      JsonNode described = Document.served().resolve(member.getValue());
      for (JsonNode inside : withANull(described, value.path(name))) {
        changed.add(((ObjectNode) value.deepCopy()).set(name, inside));
      }
    }
    return changed;
  }

  private static void isTaken(Received answer) {
    if (answer.status() == 400) {
      // Not for its form: something that is required only together with another thing.
      assertThat(answer.json().path("errors")).isNotEmpty().noneMatch(EveryOperationTest::isOfForm);
    } else {
      assertThat(answer.status()).isNotIn(401, 403, 405, 406, 413, 414, 415, 429, 431, 500, 503);
    }
  }

  private static boolean isOfForm(JsonNode fault) {
    String detail = fault.path("detail").asText();
    return !detail.contains("required without") && !detail.contains("send both");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("broken")
  void whatBreaksTheContractIsA400ThatNamesIt(DescribedOperation operation, Broken broken) {
    Received answer = send(broken.request(), ServedApi.KEY);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    if (broken.parameter().isEmpty() && broken.pointer().isEmpty()) {
      assertThat(answer.code()).isEqualTo("malformed-json");
      return;
    }
    assertThat(answer.code()).isEqualTo("invalid-request");
    broken
        .parameter()
        .ifPresent(name ->
            assertThat(answer.json().path("errors"))
                .as(answer.text())
                .anyMatch(fault -> fault.path("parameter").asText().equals(name)));
    broken
        .pointer()
        .ifPresent(pointer ->
            assertThat(answer.json().path("errors"))
                .as(answer.text())
                .anyMatch(fault -> fault.path("pointer").asText("none").equals(pointer)));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void anotherMethodIsA405(DescribedOperation operation) {
    Set<String> methods =
        Document.served().operations().stream()
            .filter(each -> each.route().equals(operation.route()))
            .map(DescribedOperation::method)
            .collect(Collectors.toCollection(HashSet::new));
    for (String other : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
      if (!methods.contains(other)) {
        Received answer = send(RequestDraft.of(operation).method(other), ServedApi.KEY);
        isProblem(answer, 405, "method-not-allowed");
        assertThat(Arrays.asList(answer.header("allow").split(", ", -1)))
            .containsAll(methods)
            .doesNotContain(other);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void whoTakesNothingOfItGetsA406(DescribedOperation operation) {
    Received answer = send(RequestDraft.of(operation).header("Accept", "image/png"), ServedApi.KEY);
    isProblem(answer, 406, "not-acceptable");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("withABody")
  void aBodyThatIsTooLongIsA413(DescribedOperation operation, DescribedOperation.Body body) {
    RequestDraft good = RequestDraft.of(operation);
    byte[] bytes = Arrays.copyOf(good.body(), body.maxBytes() + 1);
    Arrays.fill(bytes, good.body().length, bytes.length, (byte) ' ');
    isProblem(send(good.body(bytes), ServedApi.KEY), 413, "payload-too-large");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("withABody")
  void anotherMediaTypeIsA415(DescribedOperation operation, DescribedOperation.Body body) {
    for (String type : List.of("text/plain", body.mediaType() + "; charset=utf-16")) {
      Received answer =
          send(RequestDraft.of(operation).header("Content-Type", type), ServedApi.KEY);
      isProblem(answer, 415, "unsupported-media-type");
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void anAddressThatIsTooLongIsA414(DescribedOperation operation) throws IOException {
    isProblem(
        raw(RequestDraft.of(operation).query("x=" + "x".repeat(TOO_LONG))), 414, "uri-too-long");
  }

  @ParameterizedTest
  @MethodSource("operations")
  void headersThatAreTooLongAreA431(DescribedOperation operation) throws IOException {
    isProblem(
        raw(RequestDraft.of(operation).header("X-Long", "x".repeat(TOO_LONG))),
        431,
        "headers-too-large");
  }

  /** RFC 9110, sections 9.3.1 and 8.4: such a body has no meaning, in whatever coding it is. */
  @ParameterizedTest
  @MethodSource("withoutABody")
  void aBodyThatIsNotDescribedIsIgnored(DescribedOperation operation) throws IOException {
    RequestDraft good = RequestDraft.of(operation);
    int expected = unread(good, "Content-Length: 0\r\n\r\n").status();
    for (String coding : List.of("", "gzip", "br, gzip", "identity", "no such coding", "\u00ff")) {
      String encoding = coding.isEmpty() ? "" : "Content-Encoding: " + coding + "\r\n";
      for (String body :
          List.of(
              "Content-Length: 5\r\n\r\n\u001f\u008bxyz",
              "Transfer-Encoding: chunked\r\n\r\n5\r\n\u001f\u008bxyz\r\n0\r\n\r\n",
              "Content-Type: image/png\r\nContent-Length: 70000\r\n\r\n" + "x".repeat(70_000))) {
        assertThat(unread(good, encoding + body).status())
            .as(encoding + body.substring(0, 20))
            .isEqualTo(expected);
      }
    }
  }

  /** The server does not read so much of it, and cannot tell where the next request begins. */
  @ParameterizedTest
  @MethodSource("withoutABody")
  void aBodyThatIsNotDescribedAndTooLongToBeReadEndsTheConnection(DescribedOperation operation)
      throws IOException {
    try (RawConnection connection = new RawConnection(served.port())) {
      RequestDraft good = RequestDraft.of(operation);
      Received answer = connection.send(head(good) + "Content-Length: 2000000\r\n\r\nxyz").read();
      Described.check(operation.method(), good.target(), answer);
      isProblem(answer, 400, "invalid-request");
      assertThat(answer.header("connection")).isEqualTo("close");
      assertThat(connection.isEnded()).isTrue();
    }
  }

  /** The answer to a request whose body need not be read, and proof that the next one is heard. */
  private static Received unread(RequestDraft request, String rest) throws IOException {
    try (RawConnection connection = new RawConnection(served.port())) {
      Received answer = connection.send(head(request) + rest).read();
      Described.check(request.method(), request.target(), answer);
      if (!answer.all("content-type").contains("text/event-stream")) {
        Received next =
            connection.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").read();
        assertThat(next.status()).isEqualTo(200);
      }
      return answer;
    }
  }

  /** The request's line and its headers, but for those of its body. */
  private static String head(RequestDraft request) {
    var head = new StringBuilder(request.method() + " " + request.target() + " HTTP/1.1\r\n");
    List<String> headers = withKey(request, ServedApi.KEY).headers();
    for (int i = 0; i < headers.size(); i += 2) {
      head.append(headers.get(i)).append(": ").append(headers.get(i + 1)).append("\r\n");
    }
    return head.append("Host: localhost\r\n").toString();
  }

  /** What no decent client sends. */
  private static Received raw(RequestDraft request) throws IOException {
    String head = head(request) + "Content-Length: " + request.body().length + "\r\n\r\n";
    try (RawConnection connection = new RawConnection(served.port())) {
      Received answer =
          connection.send(head + new String(request.body(), StandardCharsets.ISO_8859_1)).read();
      Described.check(request.method(), request.target(), answer);
      return answer;
    }
  }

  // --- who asks ---

  @ParameterizedTest
  @MethodSource("operations")
  void withoutAValidCredentialItIsA401(DescribedOperation operation) {
    RequestDraft good = RequestDraft.of(operation);
    for (RequestDraft request :
        List.of(
            good,
            withKey(good, "unknown"),
            withKey(good, "token.unknown"),
            withKey(withKey(good, ServedApi.KEY), ServedApi.NURSES_TOKEN))) {
      Received answer = served.send(request.toRequest("http://127.0.0.1:" + served.port()).build());
      isProblem(answer, 401, "unauthenticated");
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void inAnotherPlaceItIsA403(DescribedOperation operation) {
    RequestDraft good = RequestDraft.of(operation);
    String instance = "/" + Samples.THIS_INSTANCE + "/";
    assertThat(good.path()).contains(instance);
    for (String key : List.of(ServedApi.OTHER_INSTANCE, ServedApi.OTHER_TENANT)) {
      isProblem(send(good, key), 403, "forbidden");
    }
    for (var other : List.of(Samples.OTHER_INSTANCE, Samples.OTHER_TENANT)) {
      RequestDraft elsewhere = good.path(good.path().replace(instance, "/" + other + "/"));
      for (String key : List.of(ServedApi.KEY, ServedApi.NURSES_TOKEN, ServedApi.PATIENTS_TOKEN)) {
        isProblem(send(elsewhere, key), 403, "forbidden");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("aboutAPatient")
  void aboutAnotherPatientItIsA403(DescribedOperation operation) {
    isProblem(send(RequestDraft.of(operation), STRANGERS_TOKEN), 403, "forbidden");
  }

  @ParameterizedTest
  @MethodSource("operations")
  void withoutItsScopeItIsA403(DescribedOperation operation) {
    assertThat(operation.scope())
        .as("the description must have the words: Needs the scope `...`")
        .isPresent();
    Scope needed = Scope.ofWireName(operation.scope().orElseThrow()).orElseThrow();
    String key = "key-without-" + needed;
    served.keys.put(
        key,
        new Caller.Partner(
            "without-" + needed, Samples.THIS_INSTANCE, EnumSet.complementOf(EnumSet.of(needed))));
    isProblem(send(RequestDraft.of(operation), key), 403, "forbidden");
  }

  @ParameterizedTest
  @MethodSource("operations")
  void tooOftenIsA429(DescribedOperation operation) {
    var limits =
        new RateLimits(
            new RateLimits.Limit(1, Duration.ofMinutes(1)), ServedApi.GENEROUS.failures());
    try (ServedApi limited = new ServedApi(limits, ServerLimits.DEFAULT)) {
      // Refused, which counts too: what is granted might not end.
      RequestDraft refused = RequestDraft.of(operation).query("noSuchThing=1");
      isProblem(send(limited, refused, ServedApi.KEY), 400, "invalid-request");
      Received answer = send(limited, RequestDraft.of(operation), ServedApi.KEY);
      isProblem(answer, 429, "too-many-requests");
      assertThat(answer.header("retry-after")).isEqualTo("60");
    }
  }

  // --- faults of ours ---

  @ParameterizedTest
  @MethodSource("operations")
  void whatIsAwayIsA503(DescribedOperation operation) {
    served.beforeCredentials =
        () -> {
          throw new Unavailable("it is away", Duration.ofSeconds(3));
        };
    try {
      Received answer = send(RequestDraft.of(operation), ServedApi.KEY);
      isProblem(answer, 503, "unavailable");
      assertThat(answer.header("retry-after")).isEqualTo("3");
    } finally {
      served.beforeCredentials = null;
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aFaultIsA500ThatTellsNothing(DescribedOperation operation) {
    served.beforeCredentials =
        () -> {
          throw new IllegalStateException("plantedword");
        };
    try (LogCapture logs = new LogCapture()) {
      Received answer = send(RequestDraft.of(operation), ServedApi.KEY);
      isProblem(answer, 500, "internal-error");
      assertThat(answer.text()).doesNotContain("plantedword", "Exception");
      assertThat(logs.lines()).noneMatch(line -> line.contains("plantedword"));
    } finally {
      served.beforeCredentials = null;
    }
  }
}
