package io.carechat.contracttests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.bootstrap.Carechat;
import io.carechat.bootstrap.Settings;
import io.carechat.contracttests.running.Eventually;
import io.carechat.contracttests.running.RunningService;
import io.carechat.contracttests.running.RunningService.ApiKey;
import io.carechat.contracttests.running.TcpLink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** API keys on two nodes with one database, as partners and the operator manage them. */
@ExtendWith(RunningService.Parameter.class)
final class KeysIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String INSTANCE = "/api/v1/" + RunningService.INSTANCE;
  private static final String KEYS = INSTANCE + "/keys";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PROMISE = Duration.ofSeconds(1);
  private static final int ROUNDS = 20;
  private static final Pattern SECRET = Pattern.compile("cck_[A-Za-z0-9_-]{43}");
  private static final Pattern ID = Pattern.compile("ke[0-9a-f]{32}");

  private final RunningService service;
  private final HttpClient http = HttpClient.newHttpClient();

  KeysIT(RunningService service) {
    this.service = service;
  }

  private record Key(String id, String secret) {}

  private static URI urlOf(Carechat node) {
    return URI.create("http://127.0.0.1:" + node.port());
  }

  private HttpResponse<String> call(URI node, String method, String path, String key, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node + path))
            .timeout(Duration.ofSeconds(60))
            .header("X-API-KEY", key)
            .header("Content-Type", "application/json")
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private int status(URI node, String key) {
    return call(node, "GET", INSTANCE + "/patients?pageSize=1", key, "").statusCode();
  }

  private Key create(URI node) {
    HttpResponse<String> answer =
        call(node, "POST", KEYS, partner(), "{\"scopes\":[\"messages:read\"]}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    JsonNode created = json(answer);
    return new Key(created.at("/key/keyId").asText(), created.get("secret").asText());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    try {
      return MAPPER.readTree(answer.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void revoke(URI node, Key key) {
    assertThat(call(node, "DELETE", KEYS + "/" + key.id(), partner(), "").statusCode())
        .isEqualTo(204);
  }

  private String partner() {
    return service.apiKey(ApiKey.PARTNER);
  }

  @Test
  void aKeyIsValidOnEveryNodeAtOnceAndRefusedWithinASecondAfterItWasRevoked() throws Exception {
    try (Carechat other = Carechat.start(service.settings())) {
      List<Long> took = new ArrayList<>();
      for (int i = 0; i < ROUNDS; i++) {
        Key key = create(service.url());
        assertThat(status(urlOf(other), key.secret())).as("just created").isEqualTo(200);
        revoke(service.url(), key);
        long revoked = System.nanoTime();
        long asked = System.nanoTime();
        int answered = status(urlOf(other), key.secret());
        while (answered == 200) {
          asked = System.nanoTime();
          answered = status(urlOf(other), key.secret());
        }
        assertThat(answered).isEqualTo(401);
        // When the last request began that was not refused.
        took.add(asked - revoked);
        assertThat(status(service.url(), key.secret())).as("on the node itself").isEqualTo(401);
      }
      assertThat(took).allMatch(nanos -> nanos < PROMISE.toNanos());
    }
  }

  @Test
  void streamsAndWaitingRequestsEndWithinASecondAfterTheirKeyWasRevoked() throws Exception {
    try (Carechat other = Carechat.start(service.settings())) {
      Key key = create(service.url());
      HttpResponse<InputStream> stream =
          http.send(
              HttpRequest.newBuilder(URI.create(urlOf(other) + INSTANCE + "/events/stream"))
                  .header("X-API-KEY", key.secret())
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (var body =
          new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
        assertThat(body.readLine()).startsWith("retry:");
        CompletableFuture<HttpResponse<String>> waiting =
            CompletableFuture.supplyAsync(() ->
                call(
                    urlOf(other),
                    "GET",
                    INSTANCE + "/events?after=now&waitSeconds=30",
                    key.secret(),
                    ""));
        revoke(service.url(), key);
        long revoked = System.nanoTime();
        while (body.readLine() != null) {
          // What was sent before.
        }
        assertThat(System.nanoTime() - revoked).isLessThan(PROMISE.toNanos());
        assertThat(waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).statusCode()).isEqualTo(401);
      }
    }
  }

  /** A node that cannot reach the database neither trusts its keys nor says that they are bad. */
  @Test
  void aNodeThatIsCutOffFromTheDatabaseTrustsNoKeyForLongerThanASecond() throws Exception {
    Settings settings = service.settings();
    Matcher port = Pattern.compile("://[^/:]+:([0-9]+)/").matcher(settings.database().url());
    assertThat(port.find()).isTrue();
    try (TcpLink link = new TcpLink(Integer.parseInt(port.group(1)))) {
      String url =
          settings.database().url().replace(":" + port.group(1) + "/", ":" + link.port() + "/");
      try (Carechat other =
          Carechat.start(
              new Settings(
                  settings.publicUrl(),
                  settings.http(),
                  new Settings.Database(
                      url,
                      settings.database().user(),
                      settings.database().password(),
                      settings.database().poolSize(),
                      settings.database().owner()),
                  settings.search(),
                  settings.apiKeys(),
                  settings.issuers(),
                  settings.webhooks(),
                  settings.rateLimit(),
                  settings.secretsKeys()))) {
        Key revoked = create(service.url());
        Key kept = create(service.url());
        // Nothing of the database is needed to see that this is no UUID, once the key is valid.
        String bad = INSTANCE + "/patients/not-a-uuid";
        assertThat(call(urlOf(other), "GET", bad, revoked.secret(), "").statusCode())
            .isEqualTo(400);
        link.cut();
        long cut = System.nanoTime();
        revoke(service.url(), revoked);
        long asked = System.nanoTime();
        int status = call(urlOf(other), "GET", bad, revoked.secret(), "").statusCode();
        while (status != 503) {
          assertThat(status).isEqualTo(400);
          asked = System.nanoTime();
          status = call(urlOf(other), "GET", bad, revoked.secret(), "").statusCode();
        }
        assertThat(asked - cut).isLessThan(PROMISE.toNanos());
        assertThat(call(urlOf(other), "GET", bad, kept.secret(), "").statusCode())
            .as("nor another key")
            .isEqualTo(503);
        assertThat(call(urlOf(other), "GET", bad, partner(), "").statusCode())
            .as("a key of the configuration")
            .isEqualTo(400);
        link.mend();
        Eventually.get(
            PATIENCE,
            () -> call(urlOf(other), "GET", bad, kept.secret(), "").statusCode(),
            answer -> answer == 400);
        assertThat(call(urlOf(other), "GET", bad, revoked.secret(), "").statusCode())
            .isEqualTo(401);
      }
    }
  }

  @Test
  void theLastUseIsNotedToTheDay() {
    Key key = create(service.url());
    assertThat(status(service.url(), key.secret())).isEqualTo(200);
    String today = LocalDate.now(ZoneOffset.UTC).toString();
    String lastUse =
        Eventually.get(
            PATIENCE,
            () ->
                json(call(service.url(), "GET", KEYS + "/" + key.id(), partner(), ""))
                    .get("lastUsedOn")
                    .asText("none"),
            day -> !day.equals("none"));
    assertThat(lastUse).isGreaterThanOrEqualTo(today);
  }

  @Test
  void aBreakGlassKeyIsAnEventAndOnlyReads() {
    String now =
        json(call(service.url(), "GET", INSTANCE + "/events?after=now", partner(), ""))
            .get("after")
            .asText();
    HttpResponse<String> answer =
        call(
            service.url(),
            "POST",
            INSTANCE + "/break-glass-keys",
            partner(),
            "{\"reason\":\"the ward's system is down\",\"minutes\":5}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    JsonNode created = json(answer);
    String secret = created.get("secret").asText();
    String keyId = created.at("/key/keyId").asText();
    Eventually.get(
        PATIENCE,
        () -> call(service.url(), "GET", INSTANCE + "/events?after=" + now, partner(), "").body(),
        events -> events.contains("\"key.break-glass\"") && events.contains(keyId));
    assertThat(status(service.url(), secret)).isEqualTo(200);
    String messages = INSTANCE + "/patients/" + UUID.randomUUID() + "/messages";
    assertThat(call(service.url(), "POST", messages, secret, "{\"message\":\"no\"}").statusCode())
        .isEqualTo(403);
    assertThat(
            call(service.url(), "POST", KEYS, secret, "{\"scopes\":[\"messages:read\"]}")
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void theOperatorManagesKeysByTheCommandLine() throws Exception {
    Ran created =
        run("create", "--scopes", "messages:read,messages:send", "--note", "made by hand");
    assertThat(created.code()).as(created.output()).isZero();
    String secret = first(SECRET, created.output());
    String id = first(ID, created.output());
    assertThat(status(service.url(), secret)).isEqualTo(200);

    Ran listed = run("list");
    assertThat(listed.output())
        .contains(id, "messages:read,messages:send", "by operator", "made by hand", "partner\t")
        .doesNotContain(secret);

    Ran revoked = run("revoke", "--id", id);
    assertThat(revoked.code()).as(revoked.output()).isZero();
    Eventually.get(PROMISE, () -> status(service.url(), secret), status -> status == 401);

    assertThat(run("revoke", "--id", "ke00").code()).as("unknown").isEqualTo(1);
    assertThat(run("revoke", "--id", "partner").output()).contains("is in the configuration");
    assertThat(run("burn").code()).as("not a command").isEqualTo(2);
    assertThat(run("create", "--scopes", "messages:burn").code()).isEqualTo(2);
    Ran expired = run("create", "--scopes", "messages:read", "--expires", "2021-01-01T00:00:00Z");
    assertThat(expired.code()).isEqualTo(2);
    assertThat(expired.output()).contains("--expires must be in the future");
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return matcher.group();
  }

  private record Ran(int code, String output) {}

  private Ran run(String command, String... options) throws Exception {
    Settings settings = service.settings();
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Objects.requireNonNull(System.getProperty("java.class.path")),
                "io.carechat.bootstrap.Main",
                "keys",
                command,
                "--tenant",
                RunningService.INSTANCE.tenantName(),
                "--instance",
                RunningService.INSTANCE.instanceName(),
                "--config",
                configuration().toString()));
    line.addAll(List.of(options));
    var builder = new ProcessBuilder(line);
    builder
        .environment()
        .putAll(
            Map.of(
                "CARECHAT_PUBLIC_URL", settings.publicUrl().toString(),
                "CARECHAT_DATABASE_URL", settings.database().url(),
                "CARECHAT_DATABASE_USER", settings.database().user(),
                "CARECHAT_DATABASE_PASSWORD", settings.database().password().value(),
                "CARECHAT_SEARCH_URL", settings.search().url().toString()));
    Process process = builder.redirectErrorStream(true).start();
    String output;
    try (BufferedReader reader = process.inputReader()) {
      output = String.join("\n", reader.lines().toList());
    }
    return new Ran(process.waitFor(), output);
  }

  /** With the key of the partner, which is of the configuration. */
  private Path configuration() throws IOException {
    var partner =
        service.settings().apiKeys().stream()
            .filter(key -> key.id().equals("partner"))
            .findFirst()
            .orElseThrow();
    Path file = Files.createTempFile("carechat-keys", ".yaml");
    file.toFile().deleteOnExit();
    return Files.writeString(
        file,
        """
        api-keys:
          - id: partner
            tenant: test-den
            instance: chat2
            sha256: %s
            scopes: [messages:read]
        """
            .formatted(partner.sha256()));
  }
}
