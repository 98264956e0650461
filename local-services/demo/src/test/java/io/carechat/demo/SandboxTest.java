package io.carechat.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.api.checked.CheckingHttpClient;
import io.carechat.local.SharedServices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every scenario in {@code docs/sandbox.md} happens, by what the document says provokes it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SandboxTest {
  private static final Path DOCUMENT = Path.of("..", "..", "docs", "sandbox.md");
  private static final Pattern ROW = Pattern.compile("\\| `([a-z-]+)` \\| `([^`]+)` \\|.*");
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Closeables parts = new Closeables();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final HttpClient http = new CheckingHttpClient(HttpClient.newHttpClient());
  private final Map<String, String> triggers = new TreeMap<>();
  private Map<String, String> variables = Map.of();

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    for (String line : Files.readAllLines(DOCUMENT)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        triggers.put(row.group(1), row.group(2));
      }
    }
    // Nothing listens there: searches are answered without the search engine.
    URI search = URI.create("http://127.0.0.1:9");
    variables =
        Installation.start(
                new Installation.Options(0, folder, Optional.empty(), 60_000),
                SharedServices.postgres(),
                search,
                new PrintStream(out, true, UTF_8),
                parts)
            .variables();
  }

  @AfterAll
  void stop() {
    parts.close();
    http.close();
  }

  @Test
  void isWhatTheDocumentSays() throws IOException {
    var scenarios = new TreeMap<String, String>();
    for (Scenario scenario : Scenario.values()) {
      scenarios.put(documented(scenario), scenario.trigger());
    }

    assertThat(triggers).isEqualTo(scenarios);
    assertThat(Files.readAllLines(DOCUMENT).stream().filter(line -> line.startsWith("## ")))
        .containsExactlyInAnyOrderElementsOf(
            scenarios.keySet().stream().map(name -> "## `" + name + "`").toList());
  }

  @ParameterizedTest
  @EnumSource
  void happens(Scenario scenario) throws Exception {
    String trigger = Objects.requireNonNull(triggers.get(documented(scenario)));
    Callable<Boolean> check =
        switch (scenario) {
          case UNAVAILABLE -> () -> isUnavailableTwice(trigger);
          case LOST_ANSWER -> () -> losesAnswers(trigger);
          case SLOW -> () -> isSlow(trigger);
          case SEARCH_ENGINE_AWAY -> () -> findsWithoutSearchEngine(trigger);
          case INSTANCE_SEARCH_AWAY -> () -> searchesNoInstance(trigger);
          case WEBHOOK_RETRIES -> () -> failsWebhooksTwice(trigger);
          case WEBHOOK_GONE -> () -> disablesAnEndpoint(trigger);
          case DEAD_DELIVERY -> () -> redeliversWhatIsDead(trigger);
          case RATE_LIMIT -> () -> limits(variable(trigger));
          case EXPIRED_KEY -> () -> refusesBoth("X-API-KEY", variable(trigger), 401);
          case READ_ONLY_KEY -> () -> readsOnly(variable(trigger));
          case EXPIRED_TOKEN ->
              () -> refusesBoth("Authorization", "Bearer " + variable(trigger), 401);
        };

    assertThat(check.call()).isTrue();
  }

  @Test
  void servesOtherPatientsAsUsual() throws Exception {
    String patient = UUID.randomUUID().toString();

    assertThat(send(patient, "hello", "a-key").statusCode()).isEqualTo(201);
    assertThat(find(patient).path("content")).hasSize(1);
  }

  private boolean isUnavailableTwice(String patient) throws Exception {
    for (int round = 0; round < 2; round++) {
      String key = UUID.randomUUID().toString();
      for (int i = 0; i < 2; i++) {
        assertUnavailable(send(patient, "hello", key));
        assertUnavailable(get(patient, ""));
      }
      assertThat(send(patient, "hello", key).statusCode()).isEqualTo(201);
      assertThat(find(patient).path("content")).hasSize(round + 1);
    }
    return true;
  }

  private boolean losesAnswers(String patient) throws Exception {
    assertUnavailable(send(patient, "with a key", "k1"));
    HttpResponse<String> again = send(patient, "with a key", "k1");
    assertThat(again.statusCode()).isEqualTo(201);
    assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
    assertThat(find(patient).path("content")).hasSize(1);

    assertUnavailable(send(patient, "without one", ""));
    assertThat(send(patient, "without one", "").statusCode()).isEqualTo(201);
    assertThat(find(patient).path("content")).hasSize(3);
    return true;
  }

  private boolean isSlow(String patient) throws Exception {
    long begun = System.nanoTime();
    assertThat(send(patient, "hello", "").statusCode()).isEqualTo(201);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(5));
    return true;
  }

  private boolean findsWithoutSearchEngine(String patient) throws Exception {
    assertThat(send(patient, "Hello, world!", "").statusCode()).isEqualTo(201);
    HttpResponse<String> hits = get(patient, "/search?query=hello");
    assertThat(hits.statusCode()).isEqualTo(200);
    assertThat(MAPPER.readTree(hits.body()).path("content")).hasSize(1);
    return true;
  }

  /** Here the search engine is always away; that it is for this query alone has its own test. */
  private boolean searchesNoInstance(String query) throws Exception {
    assertUnavailable(
        exchange(
            keyed(variable("$" + Variables.SANDBOX_BASE) + "/messages/search?query=" + query)));
    return true;
  }

  private boolean failsWebhooksTwice(String patient) throws Exception {
    assertThat(send(patient, "again and again", "").statusCode()).isEqualTo(201);
    String delivered = awaitLine("webhook .* \\(signature checked\\): .*\"again and again\"}");
    String id = delivered.split(" ", 3)[1];
    assertThat(out.toString(UTF_8).lines().filter(line -> line.startsWith("webhook " + id)))
        .containsExactly(
            "webhook " + id + ": attempt 1 got 503, as its scenario says",
            "webhook " + id + ": attempt 2 got 503, as its scenario says",
            delivered);
    return true;
  }

  private boolean disablesAnEndpoint(String patient) throws Exception {
    String gone = "webhook .*: got 410, as its scenario says; this endpoint gets nothing more";
    assertThat(send(patient, "the first", "").statusCode()).isEqualTo(201);
    String first = awaitLine(gone);
    assertThat(send(patient, "the second", "").statusCode()).isEqualTo(201);
    var _ = awaitLine("webhook .* \\(signature checked\\): .*\"the second\"}");
    assertThat(out.toString(UTF_8).lines().filter(line -> line.matches(gone)))
        .containsExactly(first);
    return true;
  }

  private boolean redeliversWhatIsDead(String webhook) throws Exception {
    String history = variable("$CARECHAT_BASE") + "/webhooks/" + webhook + "/deliveries";
    JsonNode dead =
        MAPPER.readTree(exchange(keyed(history + "?state=DEAD")).body()).path("content");
    assertThat(dead).hasSize(1);
    String id = dead.path(0).path("deliveryId").asText();

    HttpResponse<String> again =
        exchange(
            keyed(history + "/redeliver")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"state\":\"DEAD\"}")));

    assertThat(again.statusCode()).isEqualTo(202);
    assertThat(again.body()).isEqualTo("{\"count\":1}");
    var _ = awaitLine("webhook " + id + " \\(signature checked\\): .*");
    return true;
  }

  private boolean limits(String base) throws Exception {
    String path = base + "/patients/" + UUID.randomUUID() + "/messages";
    HttpResponse<String> answer = exchange(keyed(path));
    for (int i = 1; i < 5; i++) {
      assertThat(answer.statusCode()).isEqualTo(200);
      answer = exchange(keyed(path));
    }
    HttpResponse<String> limited = exchange(keyed(path));
    assertThat(limited.statusCode()).isEqualTo(429);
    assertThat(limited.headers().firstValue("Retry-After"))
        .hasValueSatisfying(seconds -> assertThat(seconds).isBetween("1", "2"));
    assertThat(limited.headers().firstValue("RateLimit-Policy")).contains("\"read\";q=5;w=10");

    long end = System.nanoTime() + PATIENCE.toNanos();
    while (exchange(keyed(path)).statusCode() != 200) {
      assertThat(System.nanoTime()).isLessThan(end);
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
    return true;
  }

  private boolean refusesBoth(String header, String credential, int status) throws Exception {
    String path = messages(variable("$CARECHAT_PATIENT_ID"));
    assertThat(exchange(request(path).header(header, credential)).statusCode()).isEqualTo(status);
    assertThat(exchange(post(request(path).header(header, credential), "hello")).statusCode())
        .isEqualTo(status);
    return true;
  }

  private boolean readsOnly(String key) throws Exception {
    String path = messages(UUID.randomUUID().toString());
    assertThat(exchange(request(path).header("X-API-KEY", key)).statusCode()).isEqualTo(200);
    assertThat(exchange(post(request(path).header("X-API-KEY", key), "hello")).statusCode())
        .isEqualTo(403);
    return true;
  }

  private static void assertUnavailable(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    assertThat(answer.body()).contains("\"code\":\"unavailable\"");
  }

  private HttpResponse<String> send(String patient, String text, String key) throws Exception {
    HttpRequest.Builder request = post(keyed(messages(patient)), text);
    return exchange(key.isEmpty() ? request : request.header("Idempotency-Key", key));
  }

  private JsonNode find(String patient) throws Exception {
    HttpResponse<String> answer = get(patient, "");
    assertThat(answer.statusCode()).isEqualTo(200);
    return MAPPER.readTree(answer.body());
  }

  private HttpResponse<String> get(String patient, String rest) throws Exception {
    return exchange(keyed(messages(patient) + rest));
  }

  private String messages(String patient) {
    return variable("$" + Variables.SANDBOX_BASE) + "/patients/" + patient + "/messages";
  }

  private HttpRequest.Builder keyed(String url) {
    return request(url).header("X-API-KEY", variable("$CARECHAT_API_KEY"));
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE);
  }

  private static HttpRequest.Builder post(HttpRequest.Builder request, String text) {
    return request
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"" + text + "\"}"));
  }

  private HttpResponse<String> exchange(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String variable(String trigger) {
    return Objects.requireNonNull(variables.get(trigger.substring(1)), trigger);
  }

  private String awaitLine(String pattern) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<String> found =
          out.toString(UTF_8).lines().filter(line -> line.matches(pattern)).findFirst();
      if (found.isPresent()) {
        return found.get();
      }
      assertThat(System.nanoTime()).as("waiting for %s in:%n%s", pattern, out).isLessThan(end);
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  private static String documented(Scenario scenario) {
    return scenario.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
