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
 * A PostgreSQL that may be killed. It is refused if its settings do not make it sync what it
 * acknowledges. This has to be checked, because {@code kill -9} does not touch the system's cache
 * and so cannot show it.
 */
final class Cluster implements AutoCloseable {
  /** As many connections as the databases of several scenarios need. */
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

  /** The server that runs now. */
  LocalPostgres server() {
    return postgres;
  }

  /** The folder of the data. */
  Path folder() {
    return folder;
  }

  /** {@code kill -9} of PostgreSQL's first process. Returns when the process has ended. */
  void kill() {
    Processes.kill(postgres.pid());
  }

  /** Starts PostgreSQL again, on its data and its port. */
  void restart() {
    postgres.close();
    postgres =
        LocalPostgres.start(
            folder,
            new LocalPostgres.Settings(postgres.port(), SETTINGS.serverSettings()),
            line -> {});
  }

  /** A connection of the superuser. */
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

  /** The first column of the result of a query that the superuser makes. */
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
