package io.carechat.contracttests.faults;

import io.carechat.local.LocalPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A PostgreSQL that may be killed. It is refused if it would not sync what it acknowledges: {@code
 * kill -9} leaves the system's cache alone, and so cannot show that.
 */
final class Cluster implements AutoCloseable {
  /** So many that the databases of several scenarios fit. */
  private static final LocalPostgres.Settings SETTINGS =
      new LocalPostgres.Settings(0, Map.of("max_connections", "200"));

  private static final String DURABLE =
      "select name || ' is ' || setting from pg_settings"
          + " where name in ('fsync', 'synchronous_commit', 'full_page_writes')"
          + " and setting <> 'on'";

  private final Path folder;
  private LocalPostgres postgres;

  Cluster(Path folder) {
    this.folder = folder;
    this.postgres = LocalPostgres.start(folder, SETTINGS, line -> {});
    List<String> faults = ask("postgres", DURABLE);
    if (!faults.isEmpty()) {
      postgres.close();
      throw new AssertionError("What is acknowledged would not be synced: " + faults);
    }
  }

  /** The server as it runs now. */
  LocalPostgres server() {
    return postgres;
  }

  /** Where the data are. */
  Path folder() {
    return folder;
  }

  /** {@code kill -9} of the first process of PostgreSQL; returns when it is gone. */
  void kill() {
    Processes.kill(postgres.pid());
  }

  /** Starts it again, on its data and its port. */
  void restart() {
    postgres.close();
    postgres =
        LocalPostgres.start(
            folder,
            new LocalPostgres.Settings(postgres.port(), SETTINGS.serverSettings()),
            line -> {});
  }

  /** A connection of the superuser's. */
  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        postgres.jdbcUrl(database), postgres.superuser(), postgres.password());
  }

  /** Runs a statement as the superuser. */
  void run(String database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("PostgreSQL refused: " + sql, e);
    }
  }

  /** The first column of what a query of the superuser's gives. */
  List<String> ask(String database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    } catch (SQLException e) {
      throw new IllegalStateException("PostgreSQL refused: " + sql, e);
    }
  }

  @Override
  public void close() {
    postgres.close();
  }
}
