package io.carechat.persistence;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/** Makes what the service needs to be there before it starts. */
final class Schema {
  /** Held by whoever makes databases and roles, which belong to the cluster. */
  private static final long PREPARING = 0x6361726563686174L;

  private Schema() {}

  /** Brings the tables of a database up to date. */
  static void migrate(String jdbcUrl, String user, String password) {
    Flyway.configure(Schema.class.getClassLoader())
        .dataSource(jdbcUrl, user, password)
        .defaultSchema("carechat")
        .createSchemas(true)
        .locations("classpath:io/carechat/persistence/migrations")
        .load()
        .migrate();
  }

  static void prepare(
      String adminUrl, String admin, String adminPassword, PostgresStorage.Settings service) {
    Properties parts = Driver.parseURL(service.jdbcUrl(), null);
    String database = parts == null ? null : PGProperty.PG_DBNAME.getOrDefault(parts);
    if (database == null) {
      throw new IllegalArgumentException("The URL names no database");
    }
    try (Connection connection = DriverManager.getConnection(adminUrl, admin, adminPassword)) {
      run(connection, "select pg_advisory_lock(" + PREPARING + ")");
      if (!exists(connection, "select from pg_database where datname = ?", database)) {
        run(connection, "create database " + quoted(connection, database));
      }
      String login = quoted(connection, service.user());
      if (!exists(connection, "select from pg_roles where rolname = ?", service.user())) {
        run(connection, "create role " + login + " login");
      }
      // The driver sends a verifier of the password instead of the password.
      connection
          .unwrap(PGConnection.class)
          .alterUserPassword(
              service.user(), service.password().value().toCharArray(), "scram-sha-256");
      migrate(service.jdbcUrl(), admin, adminPassword);
      run(
          connection,
          "grant carechat_app, carechat_worker to " + login + " with inherit false, set true");
    } catch (SQLException e) {
      throw Faults.of(e);
    }
  }

  private static String quoted(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.enquoteIdentifier(name, true);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  private static boolean exists(Connection connection, String sql, String name)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }
}
