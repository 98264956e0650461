package io.carechat.persistence.schema;

import io.carechat.persistence.generated.Carechat;
import io.carechat.persistence.jdbc.DatabaseSettings;
import io.carechat.persistence.jdbc.SqlErrors;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.Flyway;

/**
 * Makes what the service needs before it starts: its database, its user and the tables. jOOQ has no
 * part in this: these statements are about roles and databases, and take no parameters.
 */
public final class Schema {
  /** The lock under which databases and roles are made, since these belong to the whole server. */
  private static final long PREPARING = 0x6361726563686174L;

  private static final Pattern URL =
      Pattern.compile("jdbc:postgresql://[^/]+/(?<database>[^?]+)(\\?.*)?");

  private Schema() {}

  /** Makes the tables of a database, or brings them up to date. */
  public static void migrate(String jdbcUrl, String user, String password) {
    Flyway.configure(Schema.class.getClassLoader())
        .dataSource(jdbcUrl, user, password)
        .defaultSchema(Carechat.CARECHAT.getName())
        .createSchemas(true)
        .locations("classpath:io/carechat/persistence/migrations")
        .load()
        .migrate();
  }

  /**
   * Makes the database, the user and the roles of the service, and the tables.
   *
   * @param adminUrl any other database of the same server
   * @param admin a superuser
   * @param service what the service will connect with
   */
  public static void prepare(
      String adminUrl, String admin, String adminPassword, DatabaseSettings service) {
    Matcher url = URL.matcher(service.jdbcUrl());
    if (!url.matches()) {
      throw new IllegalArgumentException("The URL must be jdbc:postgresql://host:port/database");
    }
    String database = URLDecoder.decode(url.group("database"), StandardCharsets.UTF_8);
    try (Connection connection = DriverManager.getConnection(adminUrl, admin, adminPassword)) {
      run(connection, "select pg_advisory_lock(" + PREPARING + ")");
      if (!exists(connection, "select from pg_database where datname = ?", database)) {
        run(connection, "create database " + quoted(connection, database));
      }
      String login = quoted(connection, service.user());
      if (!exists(connection, "select from pg_roles where rolname = ?", service.user())) {
        run(connection, "create role " + login + " login");
      }
      setPassword(connection, login, service.password().value());
      migrate(service.jdbcUrl(), admin, adminPassword);
      run(
          connection,
          "grant carechat_app, carechat_worker to " + login + " with inherit false, set true");
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
  }

  /** The statement has the password in it, and must not get into the server's log. */
  private static void setPassword(Connection connection, String login, String password)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String literal = statement.enquoteLiteral(password);
      run(connection, "set log_statement = 'none'");
      run(connection, "set log_min_duration_statement = -1");
      run(connection, "set log_min_error_statement = 'panic'");
      run(connection, "set password_encryption = 'scram-sha-256'");
      run(connection, "alter role " + login + " login password " + literal);
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
