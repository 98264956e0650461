package io.carechat.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.LogPosition;
import io.carechat.domain.ManualClock;
import io.carechat.domain.Samples;
import java.sql.Connection;
import java.sql.SQLException;
import java.text.MessageFormat;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Somebody's transaction that stays open is told of, as long as something waits for it. */
final class HeldBackTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final TestDatabase database = TestDatabase.create();
  private final PostgresStorage storage =
      PostgresStorage.open(database.settings(), new ManualClock(Samples.NOON), () -> {});
  private final Connections connections =
      new Connections(database.settings(), Connections.Purpose.WORKING, "test", 1);
  private final AtomicLong time = new AtomicLong();
  private final HeldBack heldBack = new HeldBack(connections, PATIENCE, time::get);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getLogger(HeldBack.class.getName());
  private final Handler listener =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          told.add(MessageFormat.format(line.getMessage(), line.getParameters()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  HeldBackTest() throws SQLException {
    logger.addHandler(listener);
  }

  @AfterEach
  void close() {
    logger.removeHandler(listener);
    connections.close();
    storage.close();
  }

  private void lookAfter(Duration passed, LogPosition position) {
    time.addAndGet(passed.toNanos());
    heldBack.nothingAfter(position);
  }

  @Test
  void namesTheProcessOnceAndSaysWhenItIsOver() throws SQLException {
    // In another database, which makes no difference.
    try (Connection idle = TestDatabase.postgres().superuser()) {
      long pid = open(idle);
      Samples.stored(storage.messages(), Samples.newChat(), "waits");
      assertThat(storage.events().read(LogPosition.START, 10)).isEmpty();

      lookAfter(Duration.ZERO, LogPosition.START);
      lookAfter(PATIENCE.minusSeconds(1), LogPosition.START);
      assertThat(told).isEmpty();
      lookAfter(Duration.ofSeconds(6), LogPosition.START);
      lookAfter(Duration.ofSeconds(6), LogPosition.START);
      assertThat(told)
          .singleElement()
          .asString()
          .contains("process " + pid, "30 s")
          .doesNotContain("waits");
      idle.rollback();
    }

    lookAfter(Duration.ofSeconds(6), LogPosition.START);
    assertThat(told).hasSize(2).last().asString().contains("not held back any more");
    assertThat(storage.events().read(LogPosition.START, 10)).hasSize(1);
  }

  @Test
  void saysNothingWhileNothingWaits() throws SQLException {
    try (Connection idle = TestDatabase.postgres().superuser()) {
      long _ = open(idle);

      lookAfter(Duration.ZERO, LogPosition.START);
      lookAfter(PATIENCE.plusSeconds(1), LogPosition.START);

      assertThat(told).isEmpty();
    }
  }

  @Test
  void looksOnlyEveryFewSeconds() throws SQLException {
    try (Connection idle = TestDatabase.postgres().superuser()) {
      long _ = open(idle);
      Samples.stored(storage.messages(), Samples.newChat(), "waits");

      lookAfter(Duration.ZERO, LogPosition.START);
      for (int i = 0; i < 40; i++) {
        lookAfter(Duration.ofMillis(10), LogPosition.START);
      }
      connections.close();
      // It would fail if it looked.
      lookAfter(Duration.ofSeconds(4), LogPosition.START);
    }
  }

  /** Leaves a transaction open that has an id; gives its process. */
  private static long open(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    long _ = TestDatabase.number(connection, "select pg_current_xact_id()::text::bigint");
    return TestDatabase.number(connection, "select pg_backend_pid()");
  }
}
