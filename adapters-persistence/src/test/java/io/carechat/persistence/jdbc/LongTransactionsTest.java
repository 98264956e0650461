package io.carechat.persistence.jdbc;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.persistence.TestDatabase;
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

/** Somebody's transaction that stays open is told of, whatever it does. */
final class LongTransactionsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final TestDatabase database = TestDatabase.create();
  private final Connections connections =
      new Connections(database.settings(), Connections.Purpose.WORKING, "test", 1);
  private final AtomicLong time = new AtomicLong();
  private final LongTransactions transactions =
      new LongTransactions(connections, PATIENCE, time::get);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getLogger(LongTransactions.class.getName());
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

  LongTransactionsTest() throws SQLException {
    logger.addHandler(listener);
  }

  @AfterEach
  void close() {
    logger.removeHandler(listener);
    connections.close();
  }

  private Duration lookAfter(Duration passed) {
    time.addAndGet(passed.toNanos());
    return transactions.look();
  }

  /** What other tests of this JVM have open is younger, or nobody's. */
  private List<String> toldOf(long pid) {
    return told.stream().filter(line -> line.contains("process " + pid + " ")).toList();
  }

  @Test
  void namesTheProcessOnceAndSaysWhenItIsOver() throws SQLException {
    // In another database, which makes no difference.
    try (Connection idle = TestDatabase.postgres().superuser()) {
      long pid = open(idle, "select pg_current_xact_id()");

      lookAfter(Duration.ZERO);
      assertThat(lookAfter(PATIENCE.minusSeconds(1)))
          .isGreaterThanOrEqualTo(PATIENCE.minusSeconds(1));
      assertThat(toldOf(pid)).isEmpty();
      lookAfter(Duration.ofSeconds(6));
      lookAfter(Duration.ofSeconds(6));
      assertThat(toldOf(pid)).singleElement().asString().contains("30 s");
      idle.rollback();

      lookAfter(Duration.ofSeconds(6));
      assertThat(toldOf(pid)).hasSize(2).last().asString().contains("has ended");
    }
  }

  @Test
  void tellsOfOneThatOnlyReads() throws SQLException {
    try (Connection idle = TestDatabase.postgres().superuser()) {
      long pid = open(idle, "select 1");

      lookAfter(Duration.ZERO);
      lookAfter(PATIENCE);

      assertThat(toldOf(pid)).hasSize(1);
    }
  }

  @Test
  void countsEachTransactionOfAProcessForItself() throws SQLException {
    try (Connection busy = TestDatabase.postgres().superuser()) {
      long pid = open(busy, "select 1");
      for (int i = 0; i < 4; i++) {
        lookAfter(PATIENCE.dividedBy(2));
        busy.commit();
        TestDatabase.execute(busy, "select 1");
      }

      assertThat(toldOf(pid)).isEmpty();
    }
  }

  /** Leaves a transaction open; gives its process. */
  private static long open(Connection connection, String sql) throws SQLException {
    connection.setAutoCommit(false);
    TestDatabase.execute(connection, sql);
    return TestDatabase.number(connection, "select pg_backend_pid()");
  }
}
