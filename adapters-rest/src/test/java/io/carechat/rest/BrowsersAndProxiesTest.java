package io.carechat.rest;

import static io.carechat.rest.ServedApi.KEY;
import static io.carechat.rest.ServedApi.messages;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.carechat.api.checked.DescribedOperation;
import io.carechat.api.checked.Document;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Json;
import io.carechat.rest.connections.ServerLimits;
import io.carechat.rest.events.StreamClient;
import io.carechat.rest.events.StreamLimits;
import io.carechat.rest.http.CrossOrigin;
import io.carechat.rest.http.RateLimits;
import io.carechat.rest.http.RawConnection;
import io.carechat.rest.http.Received;
import io.carechat.rest.messages.SearchLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers and proxies need: other origins, compression, and addresses below a path. */
final class BrowsersAndProxiesTest {
  private static final String APP = "https://app.example.org";
  private static final String PUBLIC = "https://example.org/chat";
  private static ServedApi served;

  @BeforeAll
  static void serve() {
    served = new ServedApi(settings(ServedApi.GENEROUS));
    for (int i = 0; i < 60; i++) {
      assertThat(served.sent(messages(), "a message that is as long as most are, " + i).status())
          .isEqualTo(201);
    }
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static ChatApi.Settings settings(RateLimits rates) {
    return new ChatApi.Settings(
        "127.0.0.1",
        0,
        rates,
        ServerLimits.DEFAULT,
        StreamLimits.DEFAULT,
        SearchLimits.DEFAULT,
        List.of(),
        Optional.empty(),
        URI.create(PUBLIC),
        new CrossOrigin(Set.of(APP, "http://localhost:3000")));
  }

  /** Sends what Java's own client does not let through. */
  private static Received raw(ServedApi to, String method, String path, String... headers)
      throws IOException {
    var request = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: x\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    try (RawConnection connection = new RawConnection(to.port())) {
      connection.send(request.append("\r\n").toString());
      return method.equals("HEAD") ? connection.readHead() : connection.read();
    }
  }

  // --- other origins ---

  @ParameterizedTest
  @ValueSource(strings = {APP, "http://localhost:3000"})
  void anAllowedOriginMayRead(String origin) throws IOException {
    for (Received answer :
        List.of(
            raw(served, "GET", messages(), "Origin: " + origin, "X-API-KEY: " + KEY),
            raw(served, "GET", messages(), "Origin: " + origin),
            raw(served, "GET", "/nowhere", "Origin: " + origin),
            raw(served, "GET", "/openapi.json", "Origin: " + origin))) {
      assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(origin);
      assertThat(answer.all("Vary")).contains("Origin");
      assertThat(answer.headers()).doesNotContainKey("Access-Control-Allow-Credentials");
      assertThat(answer.header("Access-Control-Expose-Headers"))
          .contains("X-Request-Id", "Retry-After", "RateLimit", "Location");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://app.example.org.evil.example",
        "https://app.example.org:8443",
        "http://app.example.org",
        "https://APP.example.org",
        "https://app.example.org/",
        "null",
        "*"
      })
  void anotherOriginMayNot(String origin) throws IOException {
    for (Received answer :
        List.of(
            raw(served, "GET", messages(), "Origin: " + origin, "X-API-KEY: " + KEY),
            raw(
                served,
                "OPTIONS",
                messages(),
                "Origin: " + origin,
                "Access-Control-Request-Method: GET"),
            raw(served, "GET", messages(), "Origin: " + APP, "Origin: " + origin))) {
      assertThat(answer.headers().keySet())
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
      assertThat(answer.all("Vary")).contains("Origin");
    }
  }

  @Test
  void thereAreNoneByDefault() throws IOException {
    try (ServedApi other = new ServedApi()) {
      Received answer =
          raw(other, "OPTIONS", messages(), "Origin: " + APP, "Access-Control-Request-Method: GET");
      assertThat(answer.headers().keySet())
          .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
      assertThat(answer.headers()).doesNotContainKey("Vary");
    }
  }

  /** The browser asks before each request with a credential, and sends none itself. */
  @Test
  void aPreflightAllowsWhateverTheContractHas() throws IOException {
    var methods = new TreeSet<String>();
    var headers = new TreeSet<>(Set.of("authorization", "content-type", "accept", "x-api-key"));
    for (DescribedOperation operation : Document.served().operations()) {
      methods.add(operation.method());
      operation.parameters().stream()
          .filter(parameter -> parameter.in().equals("header"))
          .forEach(parameter -> headers.add(parameter.name().toLowerCase(Locale.ROOT)));
      Received answer =
          raw(
              served,
              "OPTIONS",
              operation
                  .route()
                  .replaceAll("\\{patientId}", ServedApi.PATIENT.toString())
                  .replaceAll("[{}]", ""),
              "Origin: " + APP,
              "Access-Control-Request-Method: " + operation.method(),
              "Access-Control-Request-Headers: x-api-key,content-type");
      assertThat(answer.status()).as(operation.id()).isEqualTo(204);
      assertThat(items(answer, "Access-Control-Allow-Methods"))
          .contains(operation.method().toLowerCase(Locale.ROOT));
    }
    Received answer =
        raw(served, "OPTIONS", messages(), "Origin: " + APP, "Access-Control-Request-Method: POST");
    assertThat(items(answer, "Access-Control-Allow-Headers")).containsAll(headers);
    assertThat(methods).contains("GET", "POST");
    assertThat(answer.header("Access-Control-Max-Age")).isEqualTo("7200");
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(APP);
  }

  private static List<String> items(Received answer, String header) {
    return Arrays.stream(answer.header(header).toLowerCase(Locale.ROOT).split(", ", -1)).toList();
  }

  @Test
  void everyHeaderOfTheContractMayBeRead() throws IOException {
    var exposed =
        items(
            raw(served, "GET", "/health/live", "Origin: " + APP), "Access-Control-Expose-Headers");
    var always = Set.of("cache-control", "content-type", "content-language", "content-length");
    String contract = new String(Contract.file("openapi.json"), StandardCharsets.UTF_8);
    Pattern.compile("\"headers\":\\{([^{}]|\\{[^{}]*})*}")
        .matcher(contract)
        .results()
        .flatMap(headers ->
            Pattern.compile("\"([A-Z][A-Za-z-]+)\":\\{").matcher(headers.group()).results())
        .map(name -> name.group(1).toLowerCase(Locale.ROOT))
        .filter(name -> name.contains("-") || name.equals("location") || name.equals("allow"))
        .filter(name -> !always.contains(name))
        .distinct()
        .forEach(name -> assertThat(exposed).contains(name));
  }

  @Test
  void preflightsAreLimitedByAddress() throws IOException {
    var limit = new RateLimits.Limit(5, Duration.ofMinutes(1));
    var rates = new RateLimits(limit, limit, limit);
    try (ServedApi other = new ServedApi(settings(rates))) {
      int status = 0;
      for (int i = 0; i < 7; i++) {
        status =
            raw(
                    other,
                    "OPTIONS",
                    messages(),
                    "Origin: " + APP,
                    "Access-Control-Request-Method: GET")
                .status();
      }
      assertThat(status).isEqualTo(429);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "null",
        "app.example.org",
        "https://app.example.org/",
        "https://App.example.org",
        "https://app.example.org:443",
        "http://app.example.org:80",
        "https://*.example.org",
        "https://user@app.example.org",
        "ftp://app.example.org"
      })
  void onlyOriginsCanBeAllowed(String text) {
    assertThat(CrossOrigin.isOrigin(text)).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> new CrossOrigin(Set.of(text)));
  }

  // --- compression ---

  private static String unzipped(Received answer) throws IOException {
    assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
    try (var in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Received get(String path, String acceptEncoding) throws IOException {
    return raw(served, "GET", path, "X-API-KEY: " + KEY, "Accept-Encoding: " + acceptEncoding);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip",
        "GZIP",
        "x-gzip",
        "gzip, deflate, br",
        "br;q=1.0, gzip;q=0.001",
        "*",
        "deflate, gzip ; q=0.5"
      })
  void longResponsesAreCompressed(String accepted) throws IOException {
    Received plain = get(messages(), "identity");
    Received answer = get(messages(), accepted);
    assertThat(unzipped(answer)).isEqualTo(plain.text());
    assertThat(answer.body().length).isLessThan(plain.body().length / 3);
    for (Received each : List.of(plain, answer)) {
      assertThat(each.all("Vary")).contains("Accept-Encoding");
      assertThat(each.header("Content-Length")).isEqualTo(String.valueOf(each.body().length));
    }
    Received head =
        raw(served, "HEAD", messages(), "X-API-KEY: " + KEY, "Accept-Encoding: " + accepted);
    assertThat(head.header("Content-Length")).isEqualTo(answer.header("Content-Length"));
    assertThat(head.header("Content-Encoding")).isEqualTo("gzip");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "identity",
        "br",
        "gzip;q=0",
        "gzip; q=0.000",
        "*;q=0",
        "gzip;q=0, *",
        "gzip;q=2",
        "gzip;x"
      })
  void onlyIfTheCallerAcceptsIt(String accepted) throws IOException {
    assertThat(get(messages(), accepted).headers()).doesNotContainKey("Content-Encoding");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/openapi.yaml",
        "/openapi.json",
        "/openapi-3.1.yaml",
        "/docs",
        "/webhook-verifier.py",
        "/webhook-vectors.json",
        "/problems"
      })
  void filesAreCompressedToo(String path) throws IOException {
    assertThat(unzipped(get(path, "gzip"))).isEqualTo(get(path, "identity").text());
  }

  @Test
  void eventsAndHitsAre() throws IOException {
    String events = messages().replace("/messages", "/events");
    assertThat(unzipped(get(events, "gzip"))).contains("message.sent");
    assertThat(unzipped(get(messages() + "/search?query=message", "gzip"))).contains("a message");
  }

  @Test
  void shortResponsesAndErrorsAreNot() throws IOException {
    for (String path :
        List.of(
            messages() + "?pageSize=1",
            messages() + "?pageSize=" + "9".repeat(50) + "&x=" + "y".repeat(3_000),
            "/health/ready")) {
      assertThat(get(path, "gzip").headers()).doesNotContainKeys("Content-Encoding", "Vary.Accept");
    }
  }

  /** The length would show what of the text is a part of the secret (BREACH). */
  @Test
  void secretsAreNot() {
    String path = "/api/v1/test-den/chat2/webhooks";
    String body =
        "{\"url\":\"https://partner.example/"
            + "x".repeat(1_900)
            + "\",\"payload\":\"THIN\",\"description\":\"whsec_"
            + "A".repeat(400)
            + "\"}";
    Received created =
        served.send(
            served
                .request(path, KEY)
                .header("Content-Type", "application/json")
                .header("Accept-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.body().length).isGreaterThan(2_000);
    assertThat(created.headers()).doesNotContainKey("Content-Encoding");
    assertThat(created.header("Location")).startsWith("/chat" + path + "/");
    Received rotated =
        served.send(
            served
                .request(
                    path
                        + "/"
                        + created.json().at("/webhook/webhookId").asText()
                        + "/rotate-secret",
                    KEY)
                .header("Content-Type", "application/json")
                .header("Accept-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());
    assertThat(rotated.headers()).doesNotContainKey("Content-Encoding");
  }

  // --- addresses ---

  @Test
  void addressesBeginWithThePathOfThePublicAddress() throws IOException {
    Received sent = served.sent(ServedApi.newMessages(), "x");
    assertThat(sent.header("Location")).startsWith("/chat/api/v1/test-den/chat2/patients/");
    assertThat(served.get(sent.header("Location").substring("/chat".length())).status())
        .isEqualTo(200);
    assertThat(raw(served, "GET", "/").header("Location")).isEqualTo("/chat/docs");
    for (String file : List.of("/openapi.yaml", "/openapi.json", "/openapi-3.1.yaml", "/docs")) {
      assertThat(served.get(file, null).text())
          .as(file)
          .contains(PUBLIC)
          .doesNotContain("localhost:8080", "An installation on your own machine");
    }
    assertThat(Json.read(served.get("/openapi.json", null).body()).at("/servers/0/url").asText())
        .isEqualTo(PUBLIC);
  }

  /** A link with a slash at its beginning would leave the path. */
  @ParameterizedTest
  @CsvSource({"/docs, /", "/problems, /", "/problems/conflict, /problems/"})
  void linksOfPagesAreRelative(String page, String folder) {
    List<String> links =
        Pattern.compile("(?:href|src)=\"([^\"#]+)\"")
            .matcher(served.get(page, null).text())
            .results()
            .map(link -> link.group(1))
            .filter(link -> !link.contains(":"))
            .distinct()
            .toList();
    assertThat(links).isNotEmpty().noneMatch(link -> link.startsWith("/"));
    for (String link : links) {
      URI target = URI.create("http://x" + folder).resolve(link);
      assertThat(served.get(target.getPath(), null).status()).as(link).isEqualTo(200);
    }
  }

  @Test
  void streamsAskProxiesNotToHoldThemBack() throws IOException {
    try (RawConnection connection = new RawConnection(served.port())) {
      connection.send(
          "GET "
              + messages().replace("/messages", "/events/stream")
              + " HTTP/1.1\r\nHost: x\r\nX-API-KEY: "
              + KEY
              + "\r\nAccept-Encoding: gzip\r\n\r\n");
      Received head = connection.readHead();
      assertThat(head.header("X-Accel-Buffering")).isEqualTo("no");
      assertThat(head.headers()).doesNotContainKey("Content-Encoding");
    }
  }

  // --- positions ---

  @ParameterizedTest
  @ValueSource(
      strings = {"9999999-1", "9223372036854775807-1", "9223372036854775807-9223372036854775807"})
  void aPositionBeyondTheLogIsRefused(String position) {
    String events = messages().replace("/messages", "/events");
    for (String feed : List.of(events, "/api/v1/test-den/chat2/events")) {
      for (String query : List.of("?after=", "?waitSeconds=30&after=", "/stream?after=")) {
        Received answer = served.get(feed + query + position);
        assertThat(answer.status()).as(feed + query).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("unknown-position");
        assertThat(answer.json().at("/errors/0/parameter").asText()).isEqualTo("after");
      }
      Received answer =
          served.send(
              served
                  .request(feed + "/stream?after=0-0", KEY)
                  .header("Last-Event-ID", position)
                  .GET()
                  .build());
      assertThat(answer.code()).isEqualTo("unknown-position");
      assertThat(answer.json().at("/errors/0/parameter").asText()).isEqualTo("Last-Event-ID");
    }
    assertThat(served.get("/problems/unknown-position", null).status()).isEqualTo(200);
  }

  @Test
  void theEndOfTheLogIsNotBeyondIt() throws IOException {
    String events = messages().replace("/messages", "/events");
    String now = served.get(events + "?after=now").json().path("after").asText();
    assertThat(served.get(events + "?after=" + now).json().path("after").asText()).isEqualTo(now);
    String last = served.get(events + "?limit=500").json().path("after").asText();
    assertThat(served.get(events + "?after=" + last).status()).isEqualTo(200);
    try (var stream =
        new StreamClient(
            java.net.http.HttpClient.newHttpClient(),
            served.request(events + "/stream?after=" + last, KEY).build())) {
      assertThat(stream).isNotNull();
    }
  }
}
