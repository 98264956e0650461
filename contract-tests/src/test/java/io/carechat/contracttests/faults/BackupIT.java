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
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of {@code docs/operations/backup.md}, as they are written there but for the folders,
 * on a real server: a base backup under a running service, a restore to a moment, and another one
 * from the same backup.
 */
final class BackupIT {
  private static final List<String> JAVA_OPTIONS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final Path PAGE =
      Path.of(System.getProperty("carechat.root", "..")).resolve("docs/operations/backup.md");

  private static final Pattern BLOCK =
      Pattern.compile("^```(sh|sql|conf)\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);

  private static final Duration WITHIN = Duration.ofMinutes(2);
  private static final TenantInstance INSTANCE = new TenantInstance("test-den", "chat2");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private final Secret password = new Secret("backup-" + UUID.randomUUID());
  private final ConfiguredApiKeys.Issued key =
      ConfiguredApiKeys.issue(
          "partner", INSTANCE, EnumSet.allOf(Scope.class), null, new SecureRandom());
  private final UUID patient = UUID.randomUUID();
  private final HttpClient http = HttpClient.newHttpClient();
  private @Nullable LocalPostgres runningPostgres;
  private @Nullable ServiceProcess runningService;

  @AfterEach
  void stop() {
    if (runningService != null) {
      runningService.close();
    }
    if (runningPostgres != null) {
      runningPostgres.close();
    }
  }

  private LocalPostgres postgres() {
    return Objects.requireNonNull(runningPostgres);
  }

  private ServiceProcess service() {
    return Objects.requireNonNull(runningService);
  }

  /** The blocks of a section, each with its language, with this test's folders. */
  private List<MatchResult> blocks(String heading) throws IOException {
    String page =
        Files.readString(PAGE)
            .replace("/var/lib/postgresql/18/main", data().toString())
            .replace(
                "/var/lib/postgresql/18", Objects.requireNonNull(data().getParent()).toString())
            .replace("/var/backups/carechat", folder.resolve("backups").toString());
    int start = page.indexOf("\n## " + heading + "\n");
    assertThat(start).as(heading).isPositive();
    int end = page.indexOf("\n## ", start + 1);
    return BLOCK.matcher(page.substring(start, end)).results().toList();
  }

  private Path data() {
    return folder.resolve("postgres/cluster");
  }

  private void shell(String script) throws Exception {
    Path log = ProcessLogs.begin("backup-shell");
    Process process =
        new ProcessBuilder("sh", "-e", "-c", script)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    assertThat(process.waitFor(WITHIN.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(script + ProcessLogs.tail(log)).isZero();
  }

  private Connection superuser() throws SQLException {
    return DriverManager.getConnection(
        postgres().jdbcUrl("postgres"), postgres().superuser(), postgres().password());
  }

  /** Runs a statement, and gives the first value of its result, if it has one. */
  private static String sql(Connection connection, String statement) throws SQLException {
    try (Statement running = connection.createStatement()) {
      if (running.execute(statement)) {
        try (ResultSet rows = running.getResultSet()) {
          return rows.next() ? String.valueOf(rows.getString(1)) : "";
        }
      }
      return "";
    }
  }

  private void startPostgres(int port) throws IOException {
    var settings = new HashMap<String, String>();
    for (String line :
        blocks("Once: keep the write-ahead log").getFirst().group(2).lines().toList()) {
      String[] nameAndValue = line.split(" = ", 2);
      settings.put(nameAndValue[0], nameAndValue[1].replaceAll("^'|'$", ""));
    }
    runningPostgres =
        LocalPostgres.start(
            folder.resolve("postgres"),
            new LocalPostgres.Settings(port, Map.copyOf(settings)),
            _ -> {});
  }

  private Path configuration(int httpPort) throws IOException {
    return Files.writeString(
        folder.resolve("carechat.yaml"),
        """
        public-url: http://localhost:%d
        http: {host: 127.0.0.1, port: %d}
        database: {url: "%s", user: backup_service, password: "%s", pool-size: 4}
        search: {url: "%s", index: backup-%s}
        api-keys:
          - {id: partner, tenant: %s, instance: %s, sha256: %s, scopes: [%s]}
        """
            .formatted(
                httpPort,
                httpPort,
                postgres().jdbcUrl("backup"),
                password.value(),
                SharedServices.elasticsearch().url(),
                patient,
                INSTANCE.tenantName(),
                INSTANCE.instanceName(),
                key.configuration().sha256(),
                String.join(
                    ", ", EnumSet.allOf(Scope.class).stream().map(Scope::wireName).toList())));
  }

  private JsonNode call(int status, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(service().url() + "/api/v1/" + INSTANCE + path))
            .timeout(Duration.ofSeconds(30))
            .header("X-API-KEY", key.key().value());
    if (!body.isEmpty()) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }
    HttpResponse<String> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(path + " " + response.body()).isEqualTo(status);
    return MAPPER.readTree(response.body());
  }

  /** Sends a message, and gives the id of its event. */
  private String send(String text) throws Exception {
    JsonNode sent =
        call(201, "/patients/" + patient + "/messages", "{\"message\":\"" + text + "\"}");
    String id = sent.path("externalId").asText();
    String found =
        Eventually.get(
            WITHIN,
            () -> {
              String last = "";
              for (JsonNode event : events("0-0")) {
                if (event.toString().contains(id)) {
                  last = event.path("id").asText();
                }
              }
              return last;
            },
            event -> !event.isEmpty());
    return found;
  }

  private JsonNode events(String after) {
    try {
      return call(200, "/events?limit=500&after=" + after, "").path("events");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private List<String> texts(String after) {
    var texts = new ArrayList<String>();
    for (JsonNode event : events(after)) {
      if (event.path("type").asText().equals("message.sent")) {
        texts.add(event.at("/message/message").asText());
      }
    }
    return texts;
  }

  private void assertUnknown(String position) throws Exception {
    for (String path :
        List.of(
            "/events?after=" + position,
            "/events?waitSeconds=5&after=" + position,
            "/events/stream?after=" + position,
            "/patients/" + patient + "/events?after=" + position)) {
      assertThat(call(400, path, "").path("code").asText()).as(path).isEqualTo("unknown-position");
    }
  }

  private int hits(String word) {
    try {
      return call(
              200,
              "/patients/"
                  + patient
                  + "/messages/search?query="
                  + URLEncoder.encode(word, StandardCharsets.UTF_8),
              "")
          .path("content")
          .size();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void run(String command, Path config) throws Exception {
    Path log = ProcessLogs.begin("backup-" + command);
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    Objects.requireNonNull(System.getProperty("java.class.path")),
                    "io.carechat.bootstrap.Main",
                    command,
                    "--config",
                    config.toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(WITHIN.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(ProcessLogs.tail(log)).isZero();
  }

  /** Restores to a moment, and starts everything again. */
  private void restore(int port, int httpPort, String moment) throws Exception {
    service().close();
    postgres().close();
    List<MatchResult> steps = blocks("Restore to a moment");
    assertThat(steps).hasSize(4);
    shell(steps.get(0).group(2).replace("2026-12-01 12:00:00+00", moment));
    startPostgres(port);
    try (Connection connection = superuser()) {
      String recovering =
          Eventually.get(
              WITHIN,
              () -> {
                try {
                  return sql(connection, steps.get(1).group(2));
                } catch (SQLException e) {
                  throw new AssertionError(e);
                }
              },
              "f"::equals);
      assertThat(recovering).isEqualTo("f");
    }
    shell(steps.get(2).group(2));
    Path config = configuration(httpPort);
    runningService =
        new ServiceProcess(
            config, "backup-service", URI.create("http://127.0.0.1:" + httpPort), JAVA_OPTIONS);
    assertThat(steps.get(3).group(2)).isEqualTo("./carechat reindex --config carechat.yaml\n");
    run("reindex", config);
  }

  @Test
  void whatWasBackedUpIsRestoredToAMomentAndPositionsThatAreLostAreRefused() throws Exception {
    int port = FreePorts.one();
    int httpPort = FreePorts.one();
    Files.createDirectories(folder.resolve("backups/wal"));
    startPostgres(port);
    PostgresStorage.prepare(
        postgres().jdbcUrl("postgres"),
        postgres().superuser(),
        postgres().password(),
        new PostgresStorage.Settings(postgres().jdbcUrl("backup"), "backup_service", password, 4));
    runningService =
        new ServiceProcess(
            configuration(httpPort),
            "backup-service",
            URI.create("http://127.0.0.1:" + httpPort),
            JAVA_OPTIONS);
    send("first apricot");
    List<MatchResult> backup = blocks("A base backup");
    assertThat(backup).extracting(step -> step.group(1)).containsExactly("sql", "sh", "sql");
    try (Connection session = superuser()) {
      sql(session, backup.get(0).group(2));
      send("second apricot, while it is copied");
      shell(backup.get(1).group(2));
      sql(session, backup.get(2).group(2));
    }
    String kept = send("third apricot, after the backup");
    String moment;
    try (Connection session = superuser()) {
      moment = sql(session, "select clock_timestamp()");
    }
    String lost = send("fourth apricot, which is lost");
    try (Connection session = superuser()) {
      String last = sql(session, "select pg_walfile_name(pg_switch_wal())");
      String archived =
          Eventually.get(
              WITHIN,
              () -> Files.exists(folder.resolve("backups/wal").resolve(last)) ? last : "",
              last::equals);
      assertThat(archived).isEqualTo(last);
    }

    restore(port, httpPort, moment);

    assertThat(texts("0-0")).hasSize(3).noneMatch(text -> text.contains("lost"));
    assertThat(texts(kept)).isEmpty();
    assertUnknown(lost);
    String later = send("fifth apricot");
    assertThat(number(later)).isGreaterThan(number(lost));
    assertUnknown(lost);
    assertThat(texts(kept)).containsExactly("fifth apricot");
    assertThat(hits("apricot")).isEqualTo(4);
    assertThat(hits("lost")).isZero();

    // The same backup again. It does not know of the epoch that is lost with this.
    restore(port, httpPort, moment);

    assertUnknown(lost);
    assertUnknown(later);
    String last = send("sixth apricot");
    assertThat(number(last)).isGreaterThan(number(later));
    assertUnknown(lost);
    assertUnknown(later);
    assertThat(texts(kept)).containsExactly("sixth apricot");
  }

  private static long number(String id) {
    return Long.parseLong(id.substring(0, id.indexOf('-')));
  }
}
