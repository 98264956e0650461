package io.carechat.api.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a deprecated operation of a small contract answers with, on a real server. */
final class DeprecationTest {

  private static final Contract CONTRACT =
      contract(
          """
          "deprecated": true,
          "x-deprecated-at": "2027-03-01T00:00:00Z",
          "x-sunset": "2028-03-05T12:30:00Z",
          "x-deprecation-link": "/docs#changes",
          """);

  private static @Nullable WebServer server;

  @BeforeAll
  static void start() {
    ApiRoutes<String> routes =
        new ApiRoutes<>(
            (_, request, _) -> {
              if (!request.headers().contains(HeaderNames.AUTHORIZATION)) {
                throw new IllegalStateException("nobody");
              }
              return "somebody";
            },
            (_, _, send) -> send.run(),
            CONTRACT,
            "");
    routes.on(CONTRACT.named("old"), (_, _) -> new Answer());
    routes.on(CONTRACT.named("new"), (_, _) -> new Answer());
    routes.open(CONTRACT.named("oldPage"), (_, response) -> response.send("page"));
    server =
        WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .routing(routing ->
                routing
                    .register(routes)
                    .error(
                        IllegalStateException.class,
                        (_, response, _) -> response.status(401).send())
                    .error(RequestRefused.class, (_, response, _) -> response.status(400).send()))
            .build()
            .start();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop();
    }
  }

  @ParameterizedTest
  @CsvSource({"/old, 200", "/old?unknown=1, 400", "/page, 200"})
  void everyAnswerOfADeprecatedOperationTellsOfItsEnd(String path, int status) throws Exception {
    assertTold(get(path, true), status);
  }

  @Test
  void soDoesARefusalOfAdmission() throws Exception {
    assertTold(get("/old", false), 401);
  }

  @ParameterizedTest
  @CsvSource({"/new, 200", "/new?unknown=1, 400", "/nowhere, 404"})
  void noOtherAnswerDoes(String path, int status) throws Exception {
    HttpResponse<String> answer = get(path, true);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().map()).doesNotContainKeys("deprecation", "sunset", "link");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"deprecated\": true,",
        "\"deprecated\": true, \"x-deprecated-at\": \"2027-03-01T00:00:00Z\",",
        "\"deprecated\": true, \"x-sunset\": \"2027-03-01T00:00:00Z\",",
        "\"deprecated\": true, \"x-deprecated-at\": \"2027-03-01\", \"x-sunset\": \"2028-03-01\",",
      })
  void aContractThatDoesNotSayWhenIsRefused(String members) {
    assertThatThrownBy(() -> contract(members))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("old is deprecated and has no x-");
  }

  @Test
  void theEndIsNotBeforeTheAnnouncement() {
    Instant since = Instant.parse("2027-03-01T00:00:00Z");
    assertThatThrownBy(() -> new Deprecation(since, since.minusSeconds(1), null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new Deprecation(since, since, null).link()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "/a>; rel=\"next\"", "/a\r\nX: y", "/ü"})
  void aLinkIsAnAddress(String link) {
    Instant since = Instant.parse("2027-03-01T00:00:00Z");
    assertThatThrownBy(() -> new Deprecation(since, since, link))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertTold(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).isEqualTo(status);
    HttpHeaders headers = answer.headers();
    assertThat(headers.allValues("Deprecation")).containsExactly("@1803859200");
    assertThat(headers.allValues("Sunset")).containsExactly("Sun, 05 Mar 2028 12:30:00 GMT");
    assertThat(headers.allValues("Link")).containsExactly("</docs#changes>; rel=\"deprecation\"");
  }

  private static HttpResponse<String> get(String path, boolean known)
      throws IOException, InterruptedException {
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (known) {
      request.header("Authorization", "Bearer x");
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Three operations, of which two have the members. */
  private static Contract contract(String members) {
    return new Contract(
        """
        {
          "openapi": "3.0.3",
          "info": {"title": "small", "version": "1.0.0"},
          "paths": {
            "/old": {"get": {%1$s "operationId": "old", "responses": {}}},
            "/new": {"get": {"operationId": "new", "responses": {}}},
            "/page": {"get": {%1$s "operationId": "oldPage", "responses": {}}}
          }
        }
        """
            .formatted(members)
            .getBytes(UTF_8));
  }

  /** An empty object. */
  private record Answer() implements ApiResponse {

    @Override
    public int status() {
      return 200;
    }

    @Override
    public Object body() {
      return Map.of("items", List.of());
    }

    @Override
    public void headers(BiConsumer<String, String> to) {}
  }
}
