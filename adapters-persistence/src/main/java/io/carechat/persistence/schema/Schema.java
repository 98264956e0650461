package io.carechat.persistence.schema;

import static io.carechat.persistence.generated.Tables.MESSAGE;

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
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;

/**
 * Makes what the service needs before it starts: its database, its user and the tables. jOOQ has no
 * part in this: these statements are about roles and databases, and take no parameters.
 */
public final class Schema {
  /** The lock under which databases and roles are made, since these belong to the whole server. */
  private static final long PREPARING = 0x6361726563686174L;

  private static final String HAS_TABLES =
      "select from pg_class where relnamespace = to_regnamespace(?) and relname = ?";

  private static final Pattern URL =
      Pattern.compile("jdbc:postgresql://[^/]+/(?<database>[^?]+)(\\?.*)?");

  private Schema() {}

  /**
   * The roles of the service belong to the whole server. If another installation has a database on
   * it, the members of these roles are the logins of both. So only the right to connect to a
   * database keeps the installations apart.
   *
   * <p>This finds the other databases in which the owner of the tables owns something. They are
   * text, like {@link Safety}'s, because they read only the system's catalogs.
   */
  static final String OTHER_INSTALLATIONS =
      """
      select distinct datname from pg_shdepend join pg_database on pg_database.oid = dbid
      where refclassid = 'pg_authid'::regclass and refobjid = to_regrole('carechat_owner')
        and datname <> current_database()
      """;

  private static final String OPEN_INSTALLATIONS =
      "select datname from ("
          + OTHER_INSTALLATIONS
          + ") as other where has_database_privilege('public', datname, 'connect') order by datname";

  /** Whether the database is open to every role, and the migrating user can change that. */
  private static final String CAN_CLOSE =
      """
      select from pg_database
      where datname = current_database() and has_database_privilege('public', oid, 'connect')
        and pg_has_role(datdba, 'usage')
      """;

  /**
   * Makes the tables of a database, or brings them up to date.
   *
   * <p>A new database is closed first: only the service's user may connect to it, besides the
   * database's owner and superusers. So is an older one, if another installation has a database on
   * the server. A database that is the only one of its server stays as it is.
   *
   * @param serviceUser what the service connects as; nothing is closed if there is no such role yet
   * @throws IllegalStateException if the database is new and that of another installation is open
   *     to every role; the message says what to do
   */
  public static void migrate(String jdbcUrl, String user, String password, String serviceUser) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl, user, password)) {
      keepApart(connection, serviceUser);
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
    FluentConfiguration flyway =
        Flyway.configure(Schema.class.getClassLoader())
            .dataSource(jdbcUrl, user, password)
            .defaultSchema(Carechat.CARECHAT.getName())
            .createSchemas(true)
            .locations("classpath:io/carechat/persistence/migrations");
    // Otherwise Flyway keeps a transaction open during all migrations, and an index that is made
    // without blocking writers waits for its end, which never comes.
    flyway
        .getConfigurationExtension(PostgreSQLConfigurationExtension.class)
        .setTransactionalLock(false);
    flyway.load().migrate();
  }

  private static void keepApart(Connection connection, String serviceUser) throws SQLException {
    connection.setAutoCommit(false);
    // Several nodes may migrate at once, and PostgreSQL refuses concurrent changes of one database.
    run(connection, "select pg_advisory_xact_lock(" + PREPARING + ")");
    boolean isNew =
        !exists(connection, HAS_TABLES, MESSAGE.getSchema().getName(), MESSAGE.getName());
    List<String> open = isNew ? texts(connection, OPEN_INSTALLATIONS) : List.of();
    if (!open.isEmpty()) {
      throw new IllegalStateException(openDatabases(connection, open));
    }
    boolean mustClose = isNew || !texts(connection, OTHER_INSTALLATIONS).isEmpty();
    if (mustClose
        && exists(connection, CAN_CLOSE)
        && exists(connection, "select from pg_roles where rolname = ?", serviceUser)) {
      String database = quoted(connection, connection.getCatalog());
      run(
          connection,
          "grant connect on database " + database + " to " + quoted(connection, serviceUser));
      run(connection, "revoke connect on database " + database + " from public");
    }
    connection.commit();
  }

  private static String openDatabases(Connection connection, List<String> databases)
      throws SQLException {
    var text =
        new StringBuilder(
            "Another installation of carechat has a database on this server, and every role may"
                + " connect to it. The user of the new installation could read its messages. Run"
                + " this first, with the user of that installation:");
    for (String database : databases) {
      String name = quoted(connection, database);
      text.append("\n  revoke connect on database ")
          .append(name)
          .append(" from public; grant connect on database ")
          .append(name)
          .append(" to THAT_USER;");
    }
    return text.toString();
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
      migrate(service.jdbcUrl(), admin, adminPassword, service.user());
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

  /** The values of the first column that are not null. */
  private static List<String> texts(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      var texts = new ArrayList<String>();
      while (rows.next()) {
        String text = rows.getString(1);
        if (text != null) {
          texts.add(text);
        }
      }
      return texts;
    }
  }

  private static boolean exists(Connection connection, String sql, String... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }
}
