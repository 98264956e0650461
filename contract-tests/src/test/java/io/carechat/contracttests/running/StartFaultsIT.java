package io.carechat.contracttests.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.Secret;
import io.carechat.local.FreePorts;
import io.carechat.local.LocalPostgres;
import io.carechat.local.ProcessLogs;
import io.carechat.local.SharedServices;
import io.carechat.persistence.PostgresStorage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that cannot start ends, and says why in one line. */
final class StartFaultsIT {
  /** Long enough for a busy machine. Usually it takes about three seconds. */
  private static final Duration WITHIN = Duration.ofSeconds(60);

  private static final Secret PASSWORD = new Secret("start-faults");

  @TempDir Path folder;

  @Test
  void aPortThatIsTaken() throws Exception {
    LocalPostgres postgres = SharedServices.postgres();
    var database =
        new PostgresStorage.Settings(
            postgres.jdbcUrl("start_faults"), "start_faults_service", PASSWORD, 2);
    PostgresStorage.prepare(
        postgres.jdbcUrl("postgres"), postgres.superuser(), postgres.password(), database);
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String line = lineOf("port-taken", taken.getLocalPort(), postgres.jdbcUrl("start_faults"));
      assertThat(line)
          .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": ")
          .containsIgnoringCase("in use");
    }
  }

  @Test
  void aDatabaseThatIsNotThere() throws Exception {
    String url = "jdbc:postgresql://127.0.0.1:" + FreePorts.one() + "/x";
    assertThat(lineOf("no-database", 0, url)).contains("PostgreSQL");
  }

  @Test
  void aSettingThatIsNone() throws Exception {
    assertThat(lineOf("no-setting", 70_000, "jdbc:postgresql://127.0.0.1/x")).contains("http.port");
  }

  /** What the service prints about itself when it ends. This must be one line. */
  private String lineOf(String name, int port, String databaseUrl) throws Exception {
    Path config = Files.writeString(folder.resolve("carechat.yaml"), settings(port, databaseUrl));
    Path printed = ProcessLogs.begin("start-fault-" + name);
    Process service = start(config, printed);
    try {
      assertThat(service.waitFor(WITHIN.toSeconds(), TimeUnit.SECONDS))
          .as("it ended. " + ProcessLogs.tail(printed))
          .isTrue();
    } finally {
      Process _ = service.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(printed);
    assertThat(service.exitValue()).as("%s", lines).isEqualTo(1);
    assertThat(lines).noneMatch(line -> line.contains("carechat serves"));
    assertThat(lines).noneMatch(line -> line.startsWith("\tat "));
    assertThat(lines).filteredOn(line -> line.startsWith("carechat: ")).hasSize(1);
    return lines.getLast();
  }

  private static String settings(int port, String databaseUrl) {
    return """
    public-url: http://chat.example.org
    http:
      host: 127.0.0.1
      port: %d
    database:
      url: "%s"
      user: start_faults_service
      password: "%s"
      pool-size: 2
    search:
      url: http://127.0.0.1:1
    """
        .formatted(port, databaseUrl, PASSWORD.value());
  }

  private static Process start(Path config, Path printed) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                Objects.requireNonNull(System.getProperty("java.class.path")),
                "io.carechat.bootstrap.Main",
                "serve",
                "--config",
                config.toString()))
        .redirectErrorStream(true)
        .redirectOutput(printed.toFile())
        .start();
  }
}
