package io.carechat.rest.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.rest.ServedApi;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever comes: a problem of the caller's, never a fault of ours, never another's data. */
final class BadRequestsTest {
  private static ServedApi served;

  @BeforeAll
  static void serve() {
    served = new ServedApi();
    served.sent(ServedApi.messages(), "confidential");
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static String head(String method, String target, String... headers) {
    StringBuilder head =
        new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head + "X-API-KEY: " + ServedApi.KEY + "\r\n\r\n";
  }

  private static Received raw(String request) throws IOException {
    try (RawConnection connection = new RawConnection(served.port())) {
      return connection.send(request).read();
    }
  }

  private static Received checked(String method, String path, Received answer) {
    Described.check(method, path, answer);
    return answer;
  }

  // --- what the contract refuses ---

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "?pageSize=0 | pageSize",
        "?pageSize=201 | pageSize",
        "?pageSize=x | pageSize",
        "?pageSize= | pageSize",
        "?pageSize=1&pageSize=2 | pageSize",
        "?pageSize=99999999999999999999999999 | pageSize",
        "?pageToken= | pageToken",
        "?pagesize=1 | pagesize",
        "?x=1 | x",
        "?pageSize=%31&%70ageSize=1 | pageSize",
        "/search?query= | query",
        "/search?query=%00 | query",
        "/search?query=%20 | query",
        "/search?query=x&from=yesterday | from",
        "/search?query=x&to=2021-02-30T00:00:00Z | to",
        "/search?query=x&clientType=DOCTOR | clientType",
        "/search?query=x&highlight=yes | highlight",
        "/IMx | externalId",
        "/IM6F03096C79094F9B9466C7D009073CA1 | externalId",
      })
  void aParameterThatBreaksTheContractIsNamed(String rest, String parameter) {
    Received answer = served.get(ServedApi.messages() + rest);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid-request");
    assertThat(answer.json().at("/errors/0/parameter").asText()).isEqualTo(parameter);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/Test-Den/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab/messages,tenantName",
    "/api/v1/-test/chat2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab/messages,tenantName",
    "/api/v1/test-den/chat_2/patients/5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab/messages,instanceName",
    "/api/v1/test-den/chat2/patients/5cccfad8/messages,patientId",
    "/api/v1/test-den/chat2/patients/1-1-1-1-1/messages,patientId",
    "/api/v1/test-den/chat2/patients/5cccfad8%20/messages,patientId",
    "/api/v1/test-den/chat2/patients/'%20OR%20'1'='1/messages,patientId",
  })
  void aPathThatBreaksTheContractIsNamed(String path, String parameter) {
    Received answer = served.get(path);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/parameter").asText()).isEqualTo(parameter);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | invalid-request",
        "null | invalid-request",
        "[] | invalid-request",
        "7 | invalid-request",
        "\"x\" | invalid-request",
        "{} | invalid-request",
        "{\"message\":null} | invalid-request",
        "{\"message\":7} | invalid-request",
        "{\"message\":[\"x\"]} | invalid-request",
        "{\"message\":\"\"} | invalid-request",
        "{\"message\":\" \\t\"} | invalid-request",
        "{\"message\":\"\\u3000\"} | invalid-request",
        "{\"message\":\"\\u200b\"} | invalid-request",
        "{\"message\":\"\\u2800 \\u3164\\ufe0f\\u0301\"} | invalid-request",
        "{\"message\":\"a\\u0000\"} | invalid-request",
        "{\"message\":\"\\ud800\"} | invalid-request",
        "{\"message\":\"\\udc00\\ud800\"} | invalid-request",
        "{\"message\":\"x\",\"more\":1} | invalid-request",
        "{\"message\":\"x\",\"sender\":{}} | invalid-request",
        "{\"message\":\"x\",\"sender\":{\"id\":\"1-1-1-1-1\"}} | invalid-request",
        "{\"message\":\"x\",\"sender\":{\"id\":\"0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10\",\"clientType\":\"PATIENT\"}} | invalid-request",
        "{\"message\":\"x\",\"sender\":{\"id\":\"0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10\",\"titleName\":\"\"}} | invalid-request",
        "{\"message\":\"x\",\"sender\":{\"id\":\"0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10\",\"titleName\":\"a\\u0007\"}} | invalid-request",
        "{\"message\":\"x\",\"sender\":{\"id\":\"0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10\",\"titleName\":\"\\u2800\"}} | invalid-request",
        "{\"message\":\"x\",\"message\":\"y\"} | malformed-json",
        "{\"message\":\"x\"} {} | malformed-json",
        "{\"message\":\"x\"}x | malformed-json",
        "{\"message\":\"x\" | malformed-json",
        "{'message':'x'} | malformed-json",
        "{message:\"x\"} | malformed-json",
        "{\"message\":\"x\",} | malformed-json",
        "{\"message\":\"\\x\"} | malformed-json",
        "{\"message\":NaN} | malformed-json",
        "{\"message\":01} | malformed-json",
        "{\"message\":1e99999999999} | malformed-json",
        "{\"message\":1e999999999} | invalid-request",
        "/* */{\"message\":\"x\"} | malformed-json",
        "<message>x</message> | malformed-json",
      })
  void aBodyThatBreaksTheContractIsA400(String body, String code) {
    Received answer = served.post(ServedApi.messages(), body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"message\":\"\\u200b\"} | /message",
        "{\"message\":\"x\",\"sender\":{\"id\":\"0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10\",\"titleName\":\"\\u2800\"}} | /sender/titleName",
      })
  void aTextThatLooksEmptyIsRefusedAndNamed(String body, String pointer) {
    Received answer = served.post(ServedApi.messages(), body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(new String(answer.body(), StandardCharsets.UTF_8))
        .contains(pointer, "must contain something that can be seen");
  }

  @Test
  void jsonThatIsDeepOrLongIsRefusedCheaply() {
    assertThat(served.post(ServedApi.messages(), "[".repeat(30_000) + "]".repeat(30_000)).code())
        .isEqualTo("malformed-json");
    assertThat(served.post(ServedApi.messages(), "{\"message\":" + "9".repeat(60_000) + "}").code())
        .isEqualTo("malformed-json");
    StringBuilder members = new StringBuilder("{\"message\":\"x\"");
    for (int i = 0; i < 5_000; i++) {
      members.append(",\"m").append(i).append("\":0");
    }
    Received many = served.post(ServedApi.messages(), members + "}");
    assertThat(many.code()).isEqualTo("invalid-request");
    assertThat(many.body().length).isLessThan(65_536);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    for (byte[] bytes :
        List.of(
            new byte[] {'"', (byte) 0xff, '"'},
            new byte[] {'"', (byte) 0xc0, (byte) 0xaf, '"'},
            new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
            "{\"message\":\"x\"}".getBytes(StandardCharsets.UTF_16))) {
      HttpRequest request =
          served
              .request(ServedApi.messages(), ServedApi.KEY)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofByteArray(bytes))
              .build();
      assertThat(served.send(request).code()).isEqualTo("malformed-json");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/json; charset=iso-8859-1",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "*/*",
        "nonsense",
      })
  void anotherMediaTypeIsA415(String type) {
    HttpRequest request =
        served
            .request(ServedApi.messages(), ServedApi.KEY)
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString("{\"message\":\"x\"}"))
            .build();
    Received answer = served.send(request);
    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.code()).isEqualTo("unsupported-media-type");
  }

  @Test
  void aCompressedBodyIsA415() {
    HttpRequest request =
        served
            .request(ServedApi.messages(), ServedApi.KEY)
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofString("{\"message\":\"x\"}"))
            .build();
    assertThat(served.send(request).status()).isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/xml, application/json;q=0", "a/b;c=\"", "*/*;q=\"", "*/*;q=x"})
  void whoeverTakesNoJsonGetsA406(String accept) {
    HttpRequest request =
        served.request(ServedApi.messages(), ServedApi.KEY).header("Accept", accept).GET().build();
    Received answer = served.send(request);
    assertThat(answer.status()).isEqualTo(406);
    assertThat(answer.code()).isEqualTo("not-acceptable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "PATCH", "TRACE", "FOO"})
  void anotherMethodIsA405(String method) {
    HttpRequest request =
        served
            .request(ServedApi.messages(), ServedApi.KEY)
            .method(method, BodyPublishers.noBody())
            .build();
    Received answer = served.send(request);
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("allow")).isEqualTo("GET, HEAD, OPTIONS, POST");
    HttpRequest health =
        served.request("/health/live", null).method(method, BodyPublishers.noBody()).build();
    assertThat(served.send(health).header("allow")).isEqualTo("GET, HEAD, OPTIONS");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 256})
  void anIdempotencyKeyOfAnotherFormIsA400(int length) {
    HttpRequest request =
        served
            .request(ServedApi.newMessages(), ServedApi.KEY)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", length == 1 ? "a b" : "k".repeat(length))
            .POST(BodyPublishers.ofString("{\"message\":\"x\"}"))
            .build();
    assertThat(served.send(request).json().at("/errors/0/parameter").asText())
        .isEqualTo("Idempotency-Key");
  }

  // --- paths ---

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api",
        "/api/v1",
        "/api/v2/test-den/chat2/patients/{p}/messages",
        "/api/v1/test-den/chat2",
        "/api/v1/test-den/chat2/patients/",
        "/api/v1/test-den/chat2/patients/{p}/",
        "/api/v1/test-den/chat2/patients/{p}/messages/",
        "//api/v1/test-den/chat2/patients/{p}/messages",
        "/api/v1//test-den/chat2/patients/{p}/messages",
        "/api/v1/test-den/chat2/patients/{p}//messages",
        "/api/v1/test-den/chat2/patients/{p}/./messages",
        "/api/v1/test-den/chat2/patients/x/../{p}/messages",
        "/api/v1/other-den/../test-den/chat2/patients/{p}/messages",
        "/api/v1/other-den/%2e%2e/test-den/chat2/patients/{p}/messages",
        "/api/v1/other-den/%2E./test-den/chat2/patients/{p}/messages",
        "/api/v1/other-den%2f..%2ftest-den/chat2/patients/{p}/messages",
        "/api/v1/test-den%2fchat2/patients/{p}/messages",
        "/api/v1/test-den/chat2/patients/{p}%2fmessages",
        "/api/v1/test-den/chat2/patients/{p}/messages%2F",
        "/api/v1/test-den/chat2/patients/{p}/messages;x=y",
        "/api/v1/test-den;x/chat2/patients/{p}/messages",
        "/api/v1/test-den/chat2/patients/{p}%00/messages",
        "/api/v1/test-den/chat2/patients/{p}/messages%00",
        "/api/v1/test-den/chat2/patients/{p}%5c..%5cx/messages",
        "/api/v1/test-den/chat2/patients/{p}/messages%0d%0aX-Evil:1",
        "/../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/docs/../health/live",
        "/docs/",
        "/openapi.yaml/",
        "/health",
        "/problems/",
        "/metrics/",
        "/favicon.ico",
        "*",
      })
  void aPathOfAnotherFormIsNoOthersPath(String target) throws IOException {
    String path = target.replace("{p}", ServedApi.PATIENT.toString());
    Received answer = raw(head("GET", path));
    assertThat(answer.status()).isIn(400, 404);
    assertThat(answer.text()).doesNotContain("confidential", "passwd", "Evil");
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.code()).isIn("not-found", "invalid-request");
  }

  @ParameterizedTest
  @CsvSource({
    "/,true",
    "/a,true",
    "/a/b.c/...,true",
    "/a%20b,true",
    "/a%252fb,true",
    "/.well-known/x,true",
    "'',false",
    "a,false",
    "/a/,false",
    "//,false",
    "/a//b,false",
    "/.,false",
    "/a/..,false",
    "/a/%2E%2e/b,false",
    "/a%2Fb,false",
    "/a%5Cb,false",
    "/a%7fb,false",
    "/a%0ab,false",
    "/a%,false",
    "/a%2,false",
    "/a%zz,false",
    "/a;b,false",
    "/é,false",
  })
  void onlyPathsThatMeanWhatTheySayArePlain(String path, boolean plain) {
    assertThat(RequestFilter.isPlain(path)).isEqualTo(plain);
  }

  @Test
  void anAddressThatIsTooLongIsA414() throws IOException {
    Received answer = raw(head("GET", ServedApi.messages() + "?pageToken=" + "x".repeat(20_000)));
    assertThat(checked("GET", ServedApi.messages(), answer).status()).isEqualTo(414);
    assertThat(answer.code()).isEqualTo("uri-too-long");
    // Long ones that the contract allows pass.
    String query = "%F0%9F%A9%BA".repeat(500);
    assertThat(raw(head("GET", ServedApi.messages() + "/search?query=" + query)).status())
        .isEqualTo(200);
  }

  // --- HTTP itself ---

  @Test
  void headersThatAreTooLongAreA431() throws IOException {
    Received one = raw(head("GET", ServedApi.messages(), "X-Long: " + "x".repeat(20_000)));
    assertThat(checked("GET", ServedApi.messages(), one).status()).isEqualTo(431);
    assertThat(one.code()).isEqualTo("headers-too-large");
    String[] many = new String[3_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = "X-" + i + ": x";
    }
    Received flood = raw(head("GET", ServedApi.messages(), many));
    assertThat(checked("GET", ServedApi.messages(), flood).status()).isEqualTo(431);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / x HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\u0000b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /<script> HTTP/1.1\r\nHost: x\r\n\r\n",
        "G\u0001T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
      })
  void whatIsNotHttpGetsAProblem(String request) throws IOException {
    try (RawConnection connection = new RawConnection(served.port())) {
      Received answer = connection.send(request).read();
      assertThat(answer.status()).isBetween(400, 431);
      assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
      assertThat(answer.header("x-request-id")).isEqualTo(answer.json().path("instance").asText());
      assertThat(answer.header("cache-control")).isEqualTo("no-store");
    }
  }

  @ParameterizedTest
  @CsvSource({"131072,201", "131073,413", "200000,413"})
  void theLimitOfABodyIsExact(int size, int status) throws IOException {
    String text = "{\"message\":\"x\"}";
    String body = text + " ".repeat(size - text.length());
    String path = ServedApi.newMessages();
    assertThat(served.post(path, body).status()).isEqualTo(status);

    StringBuilder chunks = new StringBuilder();
    for (int at = 0; at < size; at += 10_000) {
      String chunk = body.substring(at, Math.min(size, at + 10_000));
      chunks
          .append(Integer.toHexString(chunk.length()))
          .append("\r\n")
          .append(chunk)
          .append("\r\n");
    }
    try (RawConnection connection = new RawConnection(served.port())) {
      Received chunked =
          connection
              .send(
                  head("POST", path, "Content-Type: application/json", "Transfer-Encoding: chunked")
                      + chunks
                      + "0\r\n\r\n")
              .read();
      assertThat(checked("POST", path, chunked).status()).isEqualTo(status);
      // The rest of the body was read, not taken for a request.
      assertThat(connection.send(head("GET", "/health/live")).read().status()).isEqualTo(200);
    }
  }

  @Test
  void aHugeBodyIsNotReadToItsEnd() throws IOException {
    String path = ServedApi.newMessages();
    Received answer =
        raw(head("POST", path, "Content-Type: application/json", "Content-Length: 2000000000"));
    assertThat(checked("POST", path, answer).status()).isEqualTo(413);
    assertThat(answer.header("connection")).isEqualTo("close");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "\r\n", "5;\u0000\r\nhello\r\n"})
  void aBrokenChunkIsTheCallersFault(String chunk) throws IOException {
    String path = ServedApi.newMessages();
    try (RawConnection connection = new RawConnection(served.port())) {
      Received answer =
          connection
              .send(
                  head("POST", path, "Content-Type: application/json", "Transfer-Encoding: chunked")
                      + chunk
                      + "0\r\n\r\n")
              .read();
      assertThat(checked("POST", path, answer).status()).isBetween(400, 413);
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws IOException {
    String path = ServedApi.newMessages();
    String body = "{\"message\":\"one\"}";
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(
          head("POST", path, "Content-Type: application/json", "Content-Length: " + body.length())
              + body
              + head("GET", path)
              + head("HEAD", path)
              + head("GET", "/nothing")
              + head("GET", "/health/live"));
      assertThat(connection.read().status()).isEqualTo(201);
      assertThat(connection.read().json().at("/content/0/message/message").asText())
          .isEqualTo("one");
      assertThat(connection.readHead().status()).isEqualTo(200);
      assertThat(connection.read().status()).isEqualTo(404);
      assertThat(connection.read().text()).contains("UP");
    }
  }

  @Test
  void aCallerThatWaitsToContinueIsTold() throws IOException {
    String path = ServedApi.newMessages();
    String body = "{\"message\":\"patience\"}";
    String expecting =
        head(
            "POST",
            path,
            "Content-Type: application/json",
            "Expect: 100-continue",
            "Content-Length: " + body.length());
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(expecting);
      assertThat(connection.read().status()).isEqualTo(100);
      assertThat(connection.send(body).read().status()).isEqualTo(201);
      assertThat(connection.send(head("GET", path)).read().status()).isEqualTo(200);
    }
    // Refused before its body: whether that comes is unknown, so the connection cannot go on.
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(expecting.replace(ServedApi.KEY, "wrong"));
      Received answer = connection.read();
      assertThat(checked("POST", path, answer).status()).isEqualTo(401);
      assertThat(answer.header("connection")).isEqualTo("close");
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @Test
  void aBodyThatIsRefusedUnreadIsNotTakenForARequest() throws IOException {
    String smuggled = head("GET", "/health/live");
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(
          head("POST", ServedApi.messages(), "Content-Length: " + smuggled.length())
                  .replace(ServedApi.KEY, "wrong")
              + smuggled);
      assertThat(connection.read().status()).isEqualTo(401);
      assertThat(connection.send(head("GET", "/nothing")).read().status()).isEqualTo(404);
    }
  }

  @Test
  void aConnectionIsClosedForWhoeverAsks() throws IOException {
    try (RawConnection connection = new RawConnection(served.port())) {
      Received answer =
          connection.send(head("GET", ServedApi.messages(), "Connection: close")).read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("connection")).isEqualTo("close");
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @Test
  void aBodyOnGetDoesNoHarm() throws IOException {
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(head("GET", ServedApi.messages(), "Content-Length: 5") + "hello");
      assertThat(connection.read().status()).isEqualTo(200);
      assertThat(connection.send(head("GET", "/health/live")).read().status()).isEqualTo(200);
    }
  }

  @Test
  void whoLeavesInTheMiddleDoesNoHarm() throws IOException {
    String path = ServedApi.newMessages();
    for (String part :
        List.of(
            "GET",
            "GET / HTTP/1.1\r\nHo",
            head("POST", path, "Content-Type: application/json", "Content-Length: 50") + "{\"mess",
            head("POST", path, "Content-Type: application/json", "Transfer-Encoding: chunked")
                + "10\r\n{\"m")) {
      try (RawConnection connection = new RawConnection(served.port())) {
        connection.send(part);
      }
    }
    assertThat(served.get(path).json().path("content")).isEmpty();
  }
}
