package io.carechat.persistence.jdbc;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.persistence.PostgresStorage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jooq.exception.DataAccessException;

/**
 * A pool of connections that act as one role. Whoever needs one waits in line for it: the pool
 * alone would let some wait for seconds while others overtake them. Safe for use by many threads.
 */
final class Connections implements AutoCloseable {
  private static final Duration CONNECTION = Duration.ofSeconds(1);

  /**
   * The beginning of a statement that makes the settings that row-level security goes by, {@link
   * Parameters#scope}; they are gone when the round trip is over.
   */
  static final String SCOPE =
      "select set_config('carechat.tenant', ?, true), set_config('carechat.instance', ?, true)";

  /**
   * Every statement is a few steps along indexes, whatever its parameters are, and is planned once.
   * Left to itself the planner would choose by the size that the tables had at that moment, and
   * read a new service's tables whole long after they have grown. And what a statement sees must be
   * fresh although an earlier one of its transaction has waited for a lock: "read committed".
   */
  private static final String SESSION =
      "set plan_cache_mode = 'force_generic_plan'; set jit = off; set enable_seqscan = off;"
          + " set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off;"
          + " set default_transaction_isolation = 'read committed'";

  /** Something done with a connection. */
  @FunctionalInterface
  interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  /** Makes something of the row that a result set stands on. */
  @FunctionalInterface
  interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** What connections are for: as which role, and how long things may take. */
  enum Purpose {
    /**
     * For requests: reads what row-level security shows of one tenant and instance. Waiting in line
     * and reading together stay below two seconds.
     */
    READING(
        "carechat_app",
        "set statement_timeout = '1300ms'",
        Duration.ofMillis(400),
        Duration.ofSeconds(2)),
    /**
     * Stores messages of all tenants. A chat whose lock somebody holds for long, such as a node
     * that stopped in the middle of its transaction, must not keep the others of its batch waiting.
     */
    STORING(
        "carechat_worker",
        "set statement_timeout = '4s'; set lock_timeout = '600ms'; set transaction_timeout = '6s'",
        Duration.ofMillis(800),
        Duration.ofSeconds(8)),
    /** Follows the log and delivers, for all tenants. */
    WORKING(
        "carechat_worker",
        "set statement_timeout = '4s'; set lock_timeout = '2s'; set transaction_timeout = '6s'",
        Duration.ofMillis(800),
        Duration.ofSeconds(8));

    private final String role;
    private final String limits;
    private final Duration line;
    private final Duration socketTimeout;

    Purpose(String role, String limits, Duration line, Duration socketTimeout) {
      this.role = role;
      this.limits = limits;
      this.line = line;
      this.socketTimeout = socketTimeout;
    }
  }

  private final HikariDataSource pool;
  private final Semaphore line;
  private final Duration longestInLine;

  /**
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  Connections(PostgresStorage.Settings settings, Purpose purpose, String name, int size) {
    var config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(settings.jdbcUrl());
    config.setUsername(settings.user());
    config.setPassword(settings.password().value());
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(size);
    config.setConnectionTimeout(CONNECTION.toMillis());
    config.setValidationTimeout(CONNECTION.toMillis() / 2);
    config.setConnectionInitSql(
        "set role " + purpose.role + "; " + purpose.limits + "; " + SESSION);
    config.addDataSourceProperty("ApplicationName", name);
    config.addDataSourceProperty("tcpKeepAlive", "true");
    config.addDataSourceProperty("connectTimeout", "1");
    config.addDataSourceProperty(
        "socketTimeout", String.valueOf(purpose.socketTimeout.toSeconds()));
    // The server's details quote rows and keys: "Failing row contains (...)".
    config.addDataSourceProperty("logServerErrorDetail", "false");
    try {
      pool = new HikariDataSource(config);
    } catch (HikariPool.PoolInitializationException e) {
      throw new Unavailable("PostgreSQL cannot be reached", SqlErrors.RETRY_AFTER, e);
    }
    line = new Semaphore(size, true);
    longestInLine = purpose.line;
  }

  /**
   * Does something with a connection, in autocommit mode.
   *
   * @throws Unavailable if there is none, or PostgreSQL is away
   * @throws IllegalStateException if PostgreSQL refuses what is asked
   */
  <T> T use(Work<T> work) {
    try {
      return call(work);
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
  }

  /** As {@link #use}, in a transaction, which is rolled back if the work fails. */
  <T> T inTransaction(Work<T> work) {
    return use(connection -> {
      // The pool rolls back what was not committed, and restores the mode.
      connection.setAutoCommit(false);
      T result = work.with(connection);
      connection.commit();
      return result;
    });
  }

  /** As {@link #use}, for whoever wants to tell errors apart. */
  <T> T call(Work<T> work) throws SQLException {
    takePlace();
    try (Connection connection = pool.getConnection()) {
      return work.with(connection);
    } catch (DataAccessException e) {
      SQLException cause = e.getCause(SQLException.class);
      throw cause == null ? new SQLException("jOOQ failed", e) : cause;
    } finally {
      line.release();
    }
  }

  private void takePlace() {
    try {
      if (line.tryAcquire(longestInLine.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new Unavailable(
        "All connections of " + pool.getPoolName() + " are in use", SqlErrors.RETRY_AFTER);
  }

  /** Runs a query that serves all tenants. */
  <T> List<T> read(String sql, Parameters.Setting parameters, Reading<T> reading) {
    return use(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        parameters.to(new Parameters(statement));
        try (ResultSet rows = statement.executeQuery()) {
          return all(rows, reading);
        }
      }
    });
  }

  /**
   * Runs a query that sees the rows of one tenant and instance, in one round trip: the settings and
   * the query are one implicit transaction, because the driver sends them with one Sync message.
   */
  <T> List<T> read(
      TenantInstance instance, String sql, Parameters.Setting parameters, Reading<T> reading) {
    return readSecond(SCOPE + "; " + sql, all -> parameters.to(all.scope(instance)), reading);
  }

  /**
   * Runs two statements in one round trip, which makes them one implicit transaction, and gives the
   * rows of the second.
   */
  <T> List<T> readSecond(String sql, Parameters.Setting parameters, Reading<T> reading) {
    return use(connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        parameters.to(new Parameters(statement));
        try (ResultSet rows = second(statement)) {
          return all(rows, reading);
        }
      }
    });
  }

  /** Executes a statement that consists of two, and gives the rows of the second. */
  static ResultSet second(PreparedStatement statement) throws SQLException {
    boolean rows = statement.execute();
    if (!rows || !statement.getMoreResults()) {
      throw new IllegalStateException("The statement should have given two sets of rows");
    }
    return statement.getResultSet();
  }

  private static <T> List<T> all(ResultSet rows, Reading<T> reading) throws SQLException {
    var result = new ArrayList<T>();
    while (rows.next()) {
      result.add(reading.of(rows));
    }
    return result;
  }

  @Override
  public void close() {
    pool.close();
  }
}
