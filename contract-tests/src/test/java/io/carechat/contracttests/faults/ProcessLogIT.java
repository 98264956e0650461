package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.carechat.bootstrap.identity.ConfiguredApiKeys;
import io.carechat.contracttests.running.Eventually;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.local.FreePorts;
import io.carechat.local.LocalPostgres;
import io.carechat.local.ProcessLogs;
import io.carechat.local.SharedServices;
import io.carechat.persistence.PostgresStorage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a real process. */
final class ProcessLogIT {
  private static final Duration WITHIN = Duration.ofMinutes(2);
  private static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");
  private static final Secret PASSWORD = new Secret("process-log");
  private static final Pattern DROPPED =
      Pattern.compile("^carechat_log_lines_dropped_total ([0-9.E]+)$", Pattern.MULTILINE);

  @TempDir Path folder;

  private final int port = FreePorts.one();
  private final HttpClient http = HttpClient.newHttpClient();
  private final ConfiguredApiKeys.Issued key =
      ConfiguredApiKeys.issue(
          "partner", INSTANCE, EnumSet.allOf(Scope.class), null, new SecureRandom());
  private @Nullable Process service;

  @AfterEach
  void stop() {
    if (service != null) {
      Process _ = service.destroyForcibly();
    }
    http.close();
  }

  private ProcessBuilder builder(String format) throws IOException {
    LocalPostgres postgres = SharedServices.postgres();
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"),
        postgres.superuser(),
        postgres.password(),
        new PostgresStorage.Settings(
            postgres.jdbcUrl("process_log"), "process_log_service", PASSWORD, 2));
    Path config =
        Files.writeString(
            folder.resolve("carechat.yaml"),
            """
            public-url: http://localhost
            http: {host: 127.0.0.1, port: %d}
            database: {url: "%s", user: process_log_service, password: "%s", pool-size: 4}
            search: {url: "http://127.0.0.1:1"}
            logging: {format: %s}
            rate-limit: {requests-per-minute: 10000000}
            api-keys:
              - {id: partner, tenant: %s, instance: %s, sha256: %s, scopes: ["messages:read", "messages:send"]}
            """
                .formatted(
                    port,
                    postgres.jdbcUrl("process_log"),
                    PASSWORD.value(),
                    format,
                    INSTANCE.tenantName(),
                    INSTANCE.instanceName(),
                    key.configuration().sha256()));
    return new ProcessBuilder(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            Objects.requireNonNull(System.getProperty("java.class.path")),
            "io.carechat.bootstrap.Main",
            "serve",
            "--config",
            config.toString()));
  }

  private Process start(ProcessBuilder builder) throws IOException {
    Process started = builder.start();
    service = started;
    int status =
        Eventually.get(
            WITHIN,
            () -> {
              assertThat(started.isAlive()).isTrue();
              try {
                return get("/health/ready").statusCode();
              } catch (IOException notYet) {
                return 0;
              }
            },
            answer -> answer == 200);
    assertThat(status).isEqualTo(200);
    return started;
  }

  private HttpResponse<String> get(String path) throws IOException {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .timeout(Duration.ofSeconds(30))
              .header("X-API-KEY", key.key().value())
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static void assertEndsInOrder(Process process) throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("it ended").isTrue();
  }

  /** Requests without a body that are answered from memory, on several threads. */
  private List<HttpResponse<String>> requests(int count) throws Exception {
    List<Callable<HttpResponse<String>>> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(() -> get("/api/v1/" + INSTANCE + "/patients/none/messages"));
    }
    List<HttpResponse<String>> answers = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (Future<HttpResponse<String>> each : threads.invokeAll(calls)) {
        answers.add(each.get());
      }
    }
    return answers;
  }

  @Test
  void everyLineIsJsonAndNoneIsLostAtAnOrdinaryStop() throws Exception {
    Path log = ProcessLogs.begin("process-log");
    Process process =
        start(
            builder("json")
                .redirectError(log.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
    Set<String> expected = new HashSet<>();
    UUID patient = UUID.randomUUID();
    for (HttpResponse<String> answer : requests(500)) {
      assertThat(answer.statusCode()).isEqualTo(400);
      expected.add(answer.headers().firstValue("X-Request-Id").orElseThrow());
    }
    HttpResponse<String> last = get("/api/v1/" + INSTANCE + "/patients/" + patient + "/messages");
    assertThat(last.statusCode()).isEqualTo(200);
    expected.add(last.headers().firstValue("X-Request-Id").orElseThrow());
    assertEndsInOrder(process);

    Set<String> logged = new HashSet<>();
    for (String line : Files.readAllLines(log)) {
      JsonNode event = new ObjectMapper().readTree(line);
      assertThat(event.path("time").asText()).as(line).matches("[0-9T:.-]{23}Z");
      assertThat(event.path("level").asText()).isIn("ERROR", "WARNING", "INFO");
      if (event.path("logger").asText().equals("io.carechat.access")) {
        logged.add(event.path("request").asText());
      }
    }
    assertThat(logged).containsAll(expected);
    assertThat(Files.readString(log))
        .doesNotContain(patient.toString())
        .doesNotContain(key.key().value());
  }

  @Test
  void aConsoleThatNobodyReadsMakesNobodyWait() throws Exception {
    // Its standard error is a pipe that nobody reads.
    Process process = start(builder("text").redirectOutput(ProcessBuilder.Redirect.DISCARD));
    double dropped = 0;
    for (int round = 0; round < 20 && dropped == 0; round++) {
      assertThat(requests(2_000)).allMatch(answer -> answer.statusCode() == 400);
      Matcher figure = DROPPED.matcher(get("/metrics").body());
      assertThat(figure.find()).isTrue();
      dropped = Double.parseDouble(figure.group(1));
    }

    assertThat(dropped).isPositive();
    assertEndsInOrder(process);
  }
}
