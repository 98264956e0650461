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

/** Any transaction that stays open is logged, whatever it does. */
final class LongTransactionsTest {
  private static final Duration TOLERATED = Duration.ofSeconds(30);

  private final TestDatabase database = TestDatabase.create();
  private final Connections connections =
      new Connections(database.connection(), Connections.Purpose.WORKING, "test", 1);
  private final AtomicLong time = new AtomicLong();
  private final LongTransactions transactions =
      new LongTransactions(connections, TOLERATED, time::get);
  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getLogger(LongTransactions.class.getName());
  private final Handler listener =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          logged.add(MessageFormat.format(line.getMessage(), line.getParameters()));
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

  private Duration checkAfter(Duration passed) {
    time.addAndGet(passed.toNanos());
    return transactions.check();
  }

  /** What other tests of this JVM have open is younger, or nobody's. */
  private List<String> loggedOf(long pid) {
    return logged.stream().filter(line -> line.contains("process " + pid + " ")).toList();
  }

  @Test
  void namesTheProcessOnceAndSaysWhenItIsOver() throws SQLException {
    // In another database, which makes no difference.
    try (Connection idle = TestDatabase.postgres().superuser()) {
      long pid = open(idle, "select pg_current_xact_id()");

      checkAfter(Duration.ZERO);
      assertThat(checkAfter(TOLERATED.minusSeconds(1)))
          .isGreaterThanOrEqualTo(TOLERATED.minusSeconds(1));
      assertThat(loggedOf(pid)).isEmpty();
      checkAfter(Duration.ofSeconds(6));
      checkAfter(Duration.ofSeconds(6));
      assertThat(loggedOf(pid)).singleElement().asString().contains("30 s");
      idle.rollback();

      checkAfter(Duration.ofSeconds(6));
      assertThat(loggedOf(pid)).hasSize(2).last().asString().contains("has ended");
    }
  }

  @Test
  void logsOneThatOnlyReads() throws SQLException {
    try (Connection idle = TestDatabase.postgres().superuser()) {
      long pid = open(idle, "select 1");

      checkAfter(Duration.ZERO);
      checkAfter(TOLERATED);

      assertThat(loggedOf(pid)).hasSize(1);
    }
  }

  @Test
  void countsEachTransactionOfAProcessForItself() throws SQLException {
    try (Connection busy = TestDatabase.postgres().superuser()) {
      long pid = open(busy, "select 1");
      for (int i = 0; i < 4; i++) {
        checkAfter(TOLERATED.dividedBy(2));
        busy.commit();
        TestDatabase.execute(busy, "select 1");
      }

      assertThat(loggedOf(pid)).isEmpty();
    }
  }

  /** Leaves a transaction open; gives its process. */
  private static long open(Connection connection, String sql) throws SQLException {
    connection.setAutoCommit(false);
    TestDatabase.execute(connection, sql);
    return TestDatabase.number(connection, "select pg_backend_pid()");
  }
}
