package io.carechat.contracttests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.contracttests.faults.Scenario.Setting;
import io.carechat.contracttests.running.Eventually;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** There is too much work, or too few resources for it. */
final class Pressure {
  private static final String SMALL = "faults_small";

  /** In megabytes. Thousands of connections at once do not fit into 256 MB. */
  private static final int HEAP = 512;

  private static final String STORED = "select count(*) from carechat.message";

  private Pressure() {}

  /** PostgreSQL is so slow that it can do little, and far more than that is sent. */
  static Row overload(Setting setting) {
    int clients = setting.rounds().of(300, 3_000);
    Duration time = Duration.ofSeconds(setting.rounds().of(6, 60));
    TestCluster.Shape shape = TestCluster.Shape.on(setting.machine().cluster()).heap(HEAP);
    try (TestCluster testCluster = new TestCluster(setting.machine(), shape)) {
      // Two writers store up to 64 messages each in a transaction, which now takes a second.
      double fits = 128;
      trigger(testCluster, "statement", "", "perform pg_sleep(1)");
      Load load = new Load(testCluster.plan(64).clients(clients));
      int during;
      int refused;
      int stored;
      int acknowledged;
      Duration back;
      try (load) {
        // The JVM has just started and is still slow.
        load.awaitAcknowledged(64);
        during = await(time, load);
        refused = load.withStatus(503).size();
        stored =
            Integer.parseInt(testCluster.cluster().ask(testCluster.database(), STORED).getFirst());
        acknowledged = load.acknowledged();
        untrigger(testCluster);
        long relieved = System.nanoTime();
        load.awaitAcknowledged(1_000);
        back = Measured.since(relieved);
      }
      List<Duration> refusals = load.withStatus(503).stream().map(Load.Exchange::took).toList();
      // So many clients begin at once that some may not get a connection.
      assertThat(
              load.exchanges().stream()
                  .filter(exchange -> !List.of(201, 503).contains(exchange.status()))
                  .filter(Load.Exchange::connected))
          .as("neither stored nor refused")
          .isEmpty();
      assertThat(refused).as("more than fits").isGreaterThan(during);
      assertThat(during).as("acknowledged all the same").isPositive();
      assertThat(acknowledged)
          .as("what is stored is stored for somebody")
          .isGreaterThan(stored / 2);
      assertThat(load.withStatus(503))
          .isNotEmpty()
          .allMatch(refusal -> refusal.retryAfter().isPresent());
      return setting.row(
          1,
          Verifier.verify(testCluster, load.journal(), System.nanoTime(), Duration.ofSeconds(60)),
          "%d clients where %.0f messages/s fit: %.0f/s acknowledged, %d times 503, p99 %s; 1,000 more %s after"
              .formatted(
                  clients,
                  fits,
                  Measured.rate(during, time),
                  refused,
                  Measured.text(Measured.percentile(99, refusals)),
                  Measured.text(back)));
    }
  }

  /** How many messages were acknowledged in a time. */
  private static int await(Duration time, Load load) {
    int before = load.acknowledged();
    long begun = System.nanoTime();
    long _ =
        Eventually.get(time.plusSeconds(5), System::nanoTime, now -> now - begun > time.toNanos());
    return load.acknowledged() - before;
  }

  /** Every connection waits for a session that has locked the table. */
  static Row poolExhausted(Setting setting) throws SQLException {
    int rounds = setting.rounds().of(1, 5);
    try (TestCluster testCluster = setting.testCluster()) {
      Load load = new Load(testCluster.plan().clients(64).pausing(Duration.ofMillis(50)).reading());
      Duration longest = Duration.ZERO;
      try (load) {
        for (int round = 0; round < rounds; round++) {
          load.awaitAcknowledged(100);
          try (Connection connection = testCluster.cluster().connect(testCluster.database());
              Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            boolean _ = statement.execute("lock table carechat.message in access exclusive mode");
            var _ = await(Duration.ofSeconds(5), load);
            assertThat(testCluster.node().status("/health/live")).isEqualTo(200);
            connection.rollback();
          }
          long freed = System.nanoTime();
          load.awaitAcknowledged(100);
          Duration back = Measured.since(freed);
          longest = back.compareTo(longest) > 0 ? back : longest;
        }
      }
      assertThat(load.exchanges())
          .allMatch(exchange -> List.of(200, 201, 503).contains(exchange.status()));
      List<Load.Exchange> refusals = load.withStatus(503);
      assertThat(refusals)
          .anyMatch(Load.Exchange::send)
          .anyMatch(refusal -> !refusal.send())
          .allMatch(refusal -> refusal.retryAfter().isPresent());
      Duration refused =
          Measured.percentile(100, refusals.stream().map(Load.Exchange::took).toList());
      assertThat(refused).isLessThan(Duration.ofSeconds(5));
      return setting.row(
          rounds,
          Verifier.verify(testCluster, load.journal(), System.nanoTime()),
          "sends and reads get 503 within %s; 100 more sent %s after"
              .formatted(Measured.text(refused), Measured.text(longest)));
    }
  }

  /**
   * PostgreSQL has no room for another page. If this user may mount a file system, PostgreSQL gets
   * its own file system, and that is full. Otherwise PostgreSQL only reports that the disk is full.
   */
  static Row diskFull(Setting setting) throws IOException {
    boolean real =
        setting.rounds() == Rounds.LONG && "root".equals(System.getProperty("user.name"));
    if (!real) {
      try (TestCluster testCluster = setting.testCluster()) {
        return diskFull(
            setting,
            testCluster,
            () ->
                trigger(
                    testCluster, "statement", "", "raise exception using errcode = 'disk_full'"),
            () -> untrigger(testCluster),
            "PostgreSQL made to say so");
      }
    }
    Cluster cluster = setting.machine().cluster();
    Path space = Files.createDirectory(setting.machine().folder().resolve("small"));
    Object owner = Files.getAttribute(cluster.folder().resolve("cluster"), "unix:uid");
    Processes.run(
        List.of(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=48m,mode=700,uid=" + owner + ",gid=" + owner,
            "tmpfs",
            space.toString()));
    try {
      cluster.run("postgres", "create tablespace " + SMALL + " location '" + space + "'");
      String database;
      Row row;
      Path ballast = space.resolve("ballast");
      try (TestCluster testCluster =
          new TestCluster(setting.machine(), TestCluster.Shape.on(cluster).in(SMALL))) {
        database = testCluster.database();
        row =
            diskFull(
                setting,
                testCluster,
                () -> fill(ballast),
                () -> empty(ballast),
                "a file system of 48 MB, filled");
      }
      cluster.run("postgres", "drop database " + database + " with (force)");
      cluster.run("postgres", "drop tablespace " + SMALL);
      return row;
    } finally {
      Processes.run(List.of("umount", "--lazy", space.toString()));
    }
  }

  private static Row diskFull(
      Setting setting, TestCluster testCluster, Runnable fill, Runnable empty, String how) {
    int rounds = setting.rounds().of(1, 5);
    Load load = new Load(testCluster.plan().pausing(Duration.ofMillis(20)));
    Duration longest = Duration.ZERO;
    try (load) {
      for (int round = 0; round < rounds; round++) {
        load.awaitAcknowledged(100);
        fill.run();
        load.awaitStatus(503, load.withStatus(503).size() + 64);
        empty.run();
        long emptied = System.nanoTime();
        load.awaitAcknowledged(100);
        Duration back = Measured.since(emptied);
        longest = back.compareTo(longest) > 0 ? back : longest;
      }
    }
    Duration refused = Kills.assertRefusals(load);
    return setting.row(
        rounds,
        Verifier.verify(testCluster, load.journal(), System.nanoTime()),
        "%s; 503 within %s; 100 more sent %s after"
            .formatted(how, Measured.text(refused), Measured.text(longest)));
  }

  /** Fills a file system to the last page. */
  private static void fill(Path ballast) {
    byte[] page = new byte[4_096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(page);
      }
    } catch (IOException full) {
      // This is the intended result.
    }
  }

  private static void empty(Path ballast) {
    try {
      Files.delete(ballast);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** PostgreSQL refuses one of many messages that are stored together. */
  static Row badRow(Setting setting) {
    int count = setting.rounds().of(500, 10_000);
    try (TestCluster testCluster = setting.testCluster()) {
      trigger(
          testCluster,
          "row",
          "when (new.text like '%poison%')",
          "raise exception using errcode = 'check_violation'");
      Load.Plan plan = testCluster.plan();
      Load bad = new Load(plan.clients(2).of("poison"));
      Load good = new Load(plan);
      try (bad;
          good) {
        good.awaitAcknowledged(count);
      }
      assertThat(bad.exchanges()).isNotEmpty().allMatch(exchange -> exchange.status() == 500);
      Kills.assertStatuses(good, List.of(201));
      return setting.row(
          bad.exchanges().size(),
          Verifier.verify(testCluster, good.journal(), System.nanoTime()),
          "the bad ones get 500, and no other");
    }
  }

  private static void trigger(TestCluster testCluster, String each, String when, String body) {
    testCluster
        .cluster()
        .run(
            testCluster.database(),
            """
            create function public.fault() returns trigger language plpgsql as $$
              begin %s; return new; end $$;
            create trigger fault before insert on carechat.message for each %s %s
              execute function public.fault()
            """
                .formatted(body, each, when));
  }

  private static void untrigger(TestCluster testCluster) {
    testCluster.cluster().run(testCluster.database(), "drop function public.fault() cascade");
  }

  /**
   * Somebody leaves a transaction open in another database of the same PostgreSQL. The transaction
   * has written, and keeps its snapshot.
   */
  static Row idleTransaction(Setting setting) throws SQLException {
    Duration time = Duration.ofSeconds(setting.rounds().of(10, 30 * 60));
    try (Cluster cluster = new Cluster(setting.machine().folder().resolve("idle"));
        TestCluster testCluster =
            new TestCluster(setting.machine(), TestCluster.Shape.on(cluster))) {
      Load load = new Load(testCluster.plan().clients(4).pausing(Duration.ofMillis(200)));
      double usual;
      double beside;
      try (load;
          Connection connection = cluster.connect("postgres");
          Statement statement = connection.createStatement()) {
        load.awaitAcknowledged(100);
        usual = deliveries(testCluster, Duration.ofSeconds(setting.rounds().of(5, 60)));
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        boolean _ = statement.execute("select pg_current_xact_id() from pg_class");
        beside = deliveries(testCluster, time);
        connection.rollback();
      }
      assertThat(beside).isGreaterThan(usual / 2);
      if (setting.rounds() != Rounds.SHORT) {
        assertThat(testCluster.node().log()).contains("has had a transaction open");
      }
      return setting.row(
          1,
          Verifier.verify(testCluster, load.journal(), System.nanoTime()),
          "%.0f deliveries/s usually, %.0f/s beside a transaction that stayed open for %s"
              .formatted(usual, beside, Measured.text(time)));
    }
  }

  private static double deliveries(TestCluster testCluster, Duration time) {
    int before = testCluster.inbox().count();
    long begun = System.nanoTime();
    long _ =
        Eventually.get(time.plusSeconds(5), System::nanoTime, now -> now - begun > time.toNanos());
    return Measured.rate(testCluster.inbox().count() - (long) before, Measured.since(begun));
  }
}
