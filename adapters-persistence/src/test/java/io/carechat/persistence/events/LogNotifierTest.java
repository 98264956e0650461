package io.carechat.persistence.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import io.carechat.persistence.jdbc.DatabaseSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

final class LogNotifierTest {
  private static final long PATIENCE = 60;

  private final TestDatabase database;

  LogNotifierTest() throws SQLException {
    database = TestDatabase.create();
  }

  /** A node, which has heard that it listens. */
  private final class Node implements AutoCloseable {
    private final BlockingQueue<Boolean> wakes = new LinkedBlockingQueue<>();
    private final LogNotifier wakeups =
        LogNotifier.start(settings(), UUID.randomUUID().toString(), () -> wakes.add(true));

    private DatabaseSettings settings() {
      PostgresStorage.Settings all = database.settings();
      return new DatabaseSettings(all.jdbcUrl(), all.user(), all.password());
    }

    Node() throws InterruptedException {
      mustWake();
    }

    void mustWake() throws InterruptedException {
      assertThat(wakes.poll(PATIENCE, TimeUnit.SECONDS)).as("woken").isNotNull();
    }

    @Override
    public void close() {
      wakeups.close();
    }
  }

  @Test
  void wakesTheOthersAndNotItself() throws Exception {
    try (var one = new Node();
        var two = new Node();
        var three = new Node()) {
      for (int i = 0; i < 3; i++) {
        one.wakeups.wake();
        two.mustWake();
        three.mustWake();
      }
      two.wakeups.wake();
      one.mustWake();
      three.mustWake();
      assertThat(one.wakes).isEmpty();
    }
  }

  @Test
  void tellsOfManyAtOnceAndOfTheLast() throws Exception {
    try (var one = new Node();
        var two = new Node()) {
      long start = System.nanoTime();
      for (int i = 0; i < 100_000; i++) {
        one.wakeups.wake();
      }
      two.mustWake();
      two.wakes.clear();
      one.wakeups.wake();
      two.mustWake();
      long gaps = (System.nanoTime() - start) / Duration.ofMillis(15).toNanos();
      assertThat(two.wakes.size()).isLessThanOrEqualTo((int) gaps + 2);
    }
  }

  @Test
  void listensAndTellsAgainAfterItsConnectionsWereLost() throws Exception {
    try (var one = new Node();
        var two = new Node()) {
      one.wakeups.wake();
      two.mustWake();
      database.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname ="
              + " current_database() and application_name in ('carechat-listen',"
              + " 'carechat-notify')");
      // What was told meanwhile was not heard: they look.
      one.mustWake();
      two.mustWake();
      one.wakes.clear();
      two.wakes.clear();
      one.wakeups.wake();
      two.mustWake();
      two.wakeups.wake();
      one.mustWake();
    }
  }

  @Test
  void namesNobody() throws Exception {
    try (Connection listening = database.superuser();
        var one = new Node()) {
      TestDatabase.execute(listening, "listen carechat_events");
      one.wakeups.wake();
      PGNotification[] heard =
          listening
              .unwrap(PGConnection.class)
              .getNotifications((int) TimeUnit.SECONDS.toMillis(PATIENCE));
      assertThat(heard).hasSize(1);
      assertThat(heard[0].getParameter()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }
  }

  @Test
  void isNoBotherWhilePostgresIsUnavailable() {
    var nowhere =
        new DatabaseSettings(
            "jdbc:postgresql://127.0.0.1:1/none",
            database.settings().user(),
            database.settings().password());
    long start = System.nanoTime();
    var wakes = new LinkedBlockingQueue<Boolean>();
    try (LogNotifier wakeups = LogNotifier.start(nowhere, "nobody", () -> wakes.add(true))) {
      wakeups.wake();
    }
    assertThat(wakes).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }
}
