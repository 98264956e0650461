package io.carechat.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

class LocalPostgresTest {
  @TempDir private static Path temporary;

  /** One cluster for most tests, because making one takes longer than they do. */
  private Path folder = temporary.resolve("postgres");

  @BeforeAll
  static void letOthersEnter() throws IOException {
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Test
  void keepsDataFromStartToStart() throws SQLException {
    folder = temporary.resolve("fresh");
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    String password;
    try (LocalPostgres postgres = LocalPostgres.start(folder, first::add)) {
      password = postgres.password();
      execute(postgres, "create table kept as select 'Grüße' as word");
    }
    try (LocalPostgres postgres = LocalPostgres.start(folder, second::add)) {
      assertThat(value(postgres, "select word from kept")).isEqualTo("Grüße");
      assertThat(postgres.password()).isEqualTo(password);
    }
    assertThat(first).contains("creating a PostgreSQL cluster in " + folder);
    assertThat(second).singleElement().asString().startsWith("PostgreSQL is ready on port ");
  }

  @Test
  void runsAsItMust() throws SQLException, IOException {
    LocalPostgres.Settings settings =
        new LocalPostgres.Settings(
            0, Map.of("max_connections", "17", "cluster_name", "it's \"quoted\" $HOME"));
    try (LocalPostgres postgres = LocalPostgres.start(folder, settings, LocalPostgresTest::quiet)) {
      execute(postgres, "alter system set fsync = off");
      execute(postgres, "alter system set synchronous_commit = off");
      execute(postgres, "alter system set full_page_writes = off");
    }
    try (LocalPostgres postgres = LocalPostgres.start(folder, settings, LocalPostgresTest::quiet)) {
      assertThat(value(postgres, "show fsync")).isEqualTo("on");
      assertThat(value(postgres, "show synchronous_commit")).isEqualTo("on");
      assertThat(value(postgres, "show full_page_writes")).isEqualTo("on");
      assertThat(value(postgres, "show listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(value(postgres, "show max_connections")).isEqualTo("17");
      assertThat(value(postgres, "show cluster_name")).isEqualTo("it's \"quoted\" $HOME");
      assertThat(value(postgres, "show server_encoding")).isEqualTo("UTF8");
      assertThat(value(postgres, "show data_checksums")).isEqualTo("on");
      assertThat(
              value(postgres, "select datlocprovider::text || datlocale from pg_database limit 1"))
          .isEqualTo("bC.UTF-8");
      assertThatThrownBy(
              () -> DriverManager.getConnection(postgres.jdbcUrl("postgres"), "postgres", "guess"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(folder.resolve("password"))))
          .isEqualTo("rw-------");
      assertThat(commandLines(postgres.pid(), keeper()))
          .allSatisfy(line -> assertThat(line).contains(folder.resolve("cluster").toString()))
          .noneMatch(line -> line.contains(postgres.password()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fsync",
        "Synchronous_Commit",
        "full_page_writes",
        "port",
        "listen_addresses",
        "",
        "a b",
        "x;y",
        "-c"
      })
  void refusesSettingsThatAreNotTheCallersToMake(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LocalPostgres.Settings(0, Map.of(name, "off")));
  }

  @Test
  void refusesValuesThatBreakOutOfTheirLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LocalPostgres.Settings(0, Map.of("cluster_name", "a\nb")));
  }

  @Test
  void oneOwnerAtATime() throws Exception {
    LaunchedPostgres other = LaunchedPostgres.on(folder);
    try {
      assertThatThrownBy(() -> LocalPostgres.start(folder, LocalPostgresTest::quiet))
          .isInstanceOf(LocalServiceException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("process " + other.jvm().pid());
      assertThat(ProcessHandle.of(other.postmaster())).isPresent();
    } finally {
      other.jvm().getOutputStream().close();
      assertThat(other.jvm().waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    assertEnded(other.postmaster());

    try (LocalPostgres mine = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> LocalPostgres.start(folder, LocalPostgresTest::quiet))
            .isInstanceOf(LocalServiceException.class)
            .hasMessageContaining("process " + ProcessHandle.current().pid());
      }
      // The refusals must not have dropped the lock that this process holds.
      assertThatThrownBy(() -> LaunchedPostgres.on(folder))
          .isInstanceOf(IllegalStateException.class);
      assertThat(value(mine, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void startsAfterTheServerWasKilled() throws Exception {
    LocalPostgres killed = LocalPostgres.start(folder, LocalPostgresTest::quiet);
    try (Connection open = connect(killed)) {
      execute(killed, "create table kept as select generate_series(1, 1000) as n");
      assertThat(ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly()).isTrue();
      killed.close();
      assertThat(open.isClosed()).isFalse();
    }
    try (LocalPostgres postgres = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
      assertThat(value(postgres, "select count(*) from kept")).isEqualTo("1000");
    }
  }

  @Test
  void endsWithTheProcessThatStartedItAndStartsAgain() throws Exception {
    LaunchedPostgres launched = LaunchedPostgres.on(folder);
    long keeper = keeper();

    launched.kill();

    // At once, while the keeper may still be stopping the server.
    try (LocalPostgres postgres = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
      assertThat(value(postgres, "select 1")).isEqualTo("1");
      assertThat(postgres.pid()).isNotEqualTo(launched.postmaster());
      assertEnded(launched.postmaster());
      assertEnded(keeper);
    }

    launched = LaunchedPostgres.on(folder);
    launched.kill();
    // With nobody starting anything.
    assertEnded(launched.postmaster());
  }

  @Test
  void stopsTheServerThatOutlivedItsKeeper() throws Exception {
    LaunchedPostgres launched = LaunchedPostgres.on(folder);
    ProcessHandle keeper = ProcessHandle.of(keeper()).orElseThrow();
    keeper.destroyForcibly();
    assertEnded(keeper.pid());
    launched.kill();
    assertThat(ProcessHandle.of(launched.postmaster())).isPresent();

    List<String> progress = new ArrayList<>();
    try (LocalPostgres postgres = LocalPostgres.start(folder, progress::add)) {
      assertThat(value(postgres, "select 1")).isEqualTo("1");
    }
    assertThat(progress)
        .contains("stopping the PostgreSQL of an earlier run, process " + launched.postmaster());
    assertEnded(launched.postmaster());
  }

  @Test
  void leavesAProcessAloneThatGotTheNumberOfAnEarlierServer() throws Exception {
    LocalPostgres killed = LocalPostgres.start(folder, LocalPostgresTest::quiet);
    ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
    killed.close();
    Process unrelated = new ProcessBuilder("sleep", "600").start();
    try {
      Path file = folder.resolve("cluster").resolve("postmaster.pid");
      List<String> lines = new ArrayList<>(Files.readAllLines(file));
      lines.set(0, Long.toString(unrelated.pid()));
      Files.write(file, lines);
      Files.writeString(folder.resolve("keeper.pid"), Long.toString(unrelated.pid()));

      try (LocalPostgres postgres = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
        assertThat(value(postgres, "select 1")).isEqualTo("1");
      }
      assertThat(unrelated.isAlive()).isTrue();
    } finally {
      unrelated.destroyForcibly().waitFor();
    }
  }

  @Test
  void waitsForTheOrphansOfAKilledServer() throws Exception {
    LocalPostgres killed = LocalPostgres.start(folder, LocalPostgresTest::quiet);
    try (Connection open = connect(killed)) {
      long backend = open.unwrap(PGConnection.class).getBackendPID();
      // A process that is stopped does not see that its server is gone.
      signal("STOP", backend);
      ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
      killed.close();

      CompletableFuture<LocalPostgres> starting =
          CompletableFuture.supplyAsync(
              () -> LocalPostgres.start(folder, LocalPostgresTest::quiet));
      awaitLog("pre-existing shared memory block");
      assertThat(starting).isNotDone();
      signal("CONT", backend);
      starting.get(60, TimeUnit.SECONDS).close();
    }
  }

  @Test
  void startsFromFilesThatACrashCutShort() throws Exception {
    folder = temporary.resolve("cut-short");
    Files.createDirectories(folder.resolve("cluster.new").resolve("base"));
    Files.createFile(folder.resolve("password"));
    LocalPostgres.start(folder, LocalPostgresTest::quiet).close();
    Files.createFile(folder.resolve("cluster").resolve("postmaster.pid"));
    Files.writeString(folder.resolve("keeper.pid"), "");
    try (LocalPostgres postgres = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
      assertThat(value(postgres, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void saysWhatIsWrongWithAFolderAndLetsItGo() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
      assertThat(value(postgres, "select 1")).isEqualTo("1");
    }
    Path version = folder.resolve("cluster").resolve("PG_VERSION");
    Files.writeString(version, "17\n");
    assertThatThrownBy(() -> LocalPostgres.start(folder, LocalPostgresTest::quiet))
        .hasMessageContaining("belong to PostgreSQL 17, but this is PostgreSQL 18");
    Files.writeString(version, "18\n");

    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      LocalPostgres.Settings settings = new LocalPostgres.Settings(taken.getLocalPort(), Map.of());
      assertThatThrownBy(() -> LocalPostgres.start(folder, settings, LocalPostgresTest::quiet))
          .hasMessageContaining("did not start on port " + taken.getLocalPort())
          .hasMessageContaining("Address already in use");
    }

    Path password = folder.resolve("password");
    String kept = Files.readString(password);
    Files.delete(password);
    assertThatThrownBy(() -> LocalPostgres.start(folder, LocalPostgresTest::quiet))
        .hasMessageContaining(password + " is missing");
    Files.writeString(password, kept);

    try (LocalPostgres postgres = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
      assertThat(value(postgres, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void staysWhenTheTerminalInterrupts() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
      for (String signal : List.of("INT", "HUP", "QUIT", "TERM")) {
        signal(signal, keeper());
      }
      // What a terminal signals is a process group, and the server is not in this one's.
      assertThat(processGroup(postgres.pid())).isEqualTo(Long.toString(postgres.pid()));
      assertThat(value(postgres, "select 1")).isEqualTo("1");
      assertThat(ProcessHandle.of(keeper())).isPresent();
    }
  }

  @Test
  void runsAsEveryUserThatThisMachineOffers() throws Exception {
    List<ServerUser> users = new ArrayList<>(ServerUser.available());
    // And back again: the files change hands.
    users.addAll(users.reversed());
    int count = 0;
    for (ServerUser user : users) {
      try (LocalPostgres postgres =
          LocalPostgres.start(
              folder, LocalPostgres.Settings.DEFAULT, user, LocalPostgresTest::quiet)) {
        execute(postgres, "create table if not exists starts (n int)");
        execute(postgres, "insert into starts values (1)");
        count++;
        assertThat(value(postgres, "select sum(n) from starts")).isEqualTo(Integer.toString(count));
      }
    }
    assertThat(count).isPositive();
  }

  @Test
  void keepsWhatPeopleWroteOutOfTheLog() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.start(folder, LocalPostgresTest::quiet)) {
      execute(postgres, "create table notes (note text primary key)");
      execute(postgres, "insert into notes values ('planted-word')");
      assertThatThrownBy(() -> execute(postgres, "insert into notes values ('planted-word')"))
          .isInstanceOf(SQLException.class);
    }
    assertThat(Files.readString(folder.resolve("server.log")))
        .contains("duplicate key value")
        .doesNotContain("planted-word");
  }

  /** Waits for it. A process that nobody has asked for its status yet has ended, too. */
  private static void assertEnded(long pid) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!ProcessArguments.of(pid).orElseThrow().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(Duration.ofMillis(20));
    }
    assertThat(ProcessArguments.of(pid)).contains(List.of());
  }

  private static void quiet(String line) {}

  private long keeper() throws IOException {
    return Long.parseLong(Files.readString(folder.resolve("keeper.pid")));
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  private void awaitLog(String words) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < deadline) {
      for (String log : List.of("server.log.1", "server.log")) {
        Path file = folder.resolve(log);
        if (Files.exists(file) && Files.readString(file).contains(words)) {
          return;
        }
      }
      Thread.sleep(Duration.ofMillis(20));
    }
    throw new AssertionError("never logged: " + words);
  }

  private static List<String> commandLines(long... pids) {
    return Arrays.stream(pids)
        .mapToObj(pid -> String.join(" ", ProcessArguments.of(pid).orElseThrow()))
        .toList();
  }

  private static String processGroup(long pid) throws IOException {
    Process ps = new ProcessBuilder("ps", "-o", "pgid=", "-p", Long.toString(pid)).start();
    return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private static Connection connect(LocalPostgres postgres) throws SQLException {
    return DriverManager.getConnection(
        postgres.jdbcUrl("postgres"), postgres.superuser(), postgres.password());
  }

  private static void execute(LocalPostgres postgres, String sql) throws SQLException {
    try (Connection connection = connect(postgres);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String value(LocalPostgres postgres, String sql) throws SQLException {
    try (Connection connection = connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
