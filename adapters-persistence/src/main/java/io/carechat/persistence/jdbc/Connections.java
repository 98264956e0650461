package io.carechat.persistence.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.carechat.domain.access.FairShares;
import io.carechat.domain.access.FairShares.Share;
import io.carechat.domain.chat.Unavailable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A pool of connections that act as one role. Callers wait for a connection in a fair queue. The
 * pool alone would let some of them wait for seconds while others overtake them. What one instance
 * asks for gets at most three quarters of the connections at once, so that it cannot make others
 * wait long. Safe for use by many threads.
 */
public final class Connections implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

  /** How many may wait for each connection. More than all requests that there can be at once. */
  private static final int MAX_WAITING = 100_000;

  /**
   * Every statement is a few steps along indexes, whatever its parameters are, and is planned once.
   * Otherwise the planner would choose by the sizes that the tables have at that moment. It would
   * read whole tables in a new service, and still do so when they have grown. Isolation is "read
   * committed", because a statement must see what was committed while an earlier one of its
   * transaction waited for a lock.
   */
  private static final String SESSION =
      "set plan_cache_mode = 'force_generic_plan'; set jit = off; set enable_seqscan = off;"
          + " set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off;"
          + " set default_transaction_isolation = 'read committed'";

  /** Something to do with a connection. */
  @FunctionalInterface
  public interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  /** What connections are for: as which role, and how long things may take. */
  public enum Purpose {
    /**
     * For requests: reads what row-level security shows of one tenant and instance. Waiting for a
     * connection and reading together stay below two seconds.
     */
    READING(
        "carechat_app",
        "set statement_timeout = '1300ms'",
        Duration.ofMillis(400),
        Duration.ofSeconds(2)),
    /**
     * Stores messages of all tenants. A node that stopped in the middle of its transaction holds
     * the lock of a chat for long. Such a chat must not keep the others of its batch waiting.
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
    private final Duration queueTimeout;
    private final Duration socketTimeout;

    Purpose(String role, String limits, Duration queueTimeout, Duration socketTimeout) {
      this.role = role;
      this.limits = limits;
      this.queueTimeout = queueTimeout;
      this.socketTimeout = socketTimeout;
    }
  }

  private final HikariDataSource pool;
  private final FairShares permits;
  private final int perInstance;

  /**
   * Opens all connections.
   *
   * @param name of the pool, as PostgreSQL shows it for its sessions
   * @param size how many connections it has
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  public Connections(DatabaseSettings settings, Purpose purpose, String name, int size) {
    var config = new HikariConfig();
    config.setPoolName(name);
    config.setJdbcUrl(settings.jdbcUrl());
    config.setUsername(settings.user());
    config.setPassword(settings.password().value());
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(size);
    config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
    config.setValidationTimeout(CONNECT_TIMEOUT.toMillis() / 2);
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
    permits = new FairShares(size, purpose.queueTimeout, MAX_WAITING, System::nanoTime);
    perInstance = Math.ceilDiv(size * 3, 4);
  }

  /**
   * Does something with a connection, in autocommit mode.
   *
   * @throws Unavailable if there is no connection, or PostgreSQL is unavailable
   * @throws IllegalStateException if PostgreSQL refuses what is asked
   */
  public <T> T use(Work<T> work) {
    return use(List.of(), work);
  }

  private <T> T use(List<Share> shares, Work<T> work) {
    try {
      return call(shares, work);
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
  }

  /** As {@link #use}, in a transaction, which is rolled back if the work fails. */
  public <T> T inTransaction(Work<T> work) {
    return use(connection -> {
      // The pool rolls back what was not committed, and restores the mode.
      connection.setAutoCommit(false);
      T result = work.with(connection);
      connection.commit();
      return result;
    });
  }

  /** As {@link #use}, for callers that must distinguish the errors of the database. */
  public <T> T call(Work<T> work) throws SQLException {
    return call(List.of(), work);
  }

  private <T> T call(List<Share> shares, Work<T> work) throws SQLException {
    try (FairShares.Permit _ = acquire(shares);
        Connection connection = pool.getConnection()) {
      return work.with(connection);
    }
  }

  private FairShares.Permit acquire(List<Share> shares) {
    try {
      return permits.acquire(shares);
    } catch (FairShares.Exhausted e) {
      throw new Unavailable(
          "All connections of "
              + pool.getPoolName()
              + (e.share() == null ? "" : " that one instance may have")
              + " are in use",
          SqlErrors.RETRY_AFTER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable(
          "The wait for a connection of " + pool.getPoolName() + " was interrupted",
          SqlErrors.RETRY_AFTER,
          e);
    }
  }

  /** The share of the instance that a statement is for. */
  private List<Share> shares(BoundStatement statement) {
    return statement
        .instance()
        .map(instance -> List.of(new Share(instance, perInstance)))
        .orElse(List.of());
  }

  /** As {@link #use}: runs a statement, and gives its rows in their order. */
  public <T> List<T> read(BoundStatement statement, RowMapper<T> mapper) {
    return use(shares(statement), connection -> statement.read(connection, mapper));
  }

  /** As {@link #use}: runs a statement, and gives its first row, if there is one. */
  public <T> Optional<T> readFirst(BoundStatement statement, RowMapper<T> mapper) {
    return use(shares(statement), connection -> statement.readFirst(connection, mapper));
  }

  /** As {@link #use}: runs a statement, and gives how many rows it changed. */
  public int execute(BoundStatement statement) {
    return use(shares(statement), statement::execute);
  }

  @Override
  public void close() {
    pool.close();
  }
}
