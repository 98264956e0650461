package io.carechat.persistence;

import io.carechat.domain.chat.Secret;
import io.carechat.local.LocalPostgres;
import io.carechat.local.SharedServices;
import io.carechat.persistence.jdbc.DatabaseSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A database of its own for a test class, on the server that all share. */
public final class TestDatabase {
  private static final AtomicInteger MADE = new AtomicInteger();
  private static final String TEMPLATE = "migrated";
  private static final String SERVICE = "service";
  private static final Secret PASSWORD = new Secret("service password");

  /**
   * A transaction that writes to the log without having entered it, or that entered it after it had
   * got its id, would have its events skipped by readers, now and then. Here it fails.
   */
  private static final String ENTERED =
      """
      create function public.must_have_entered() returns trigger language plpgsql as $$
        begin
          if not exists (
              select
              from pg_locks
              where pid = pg_backend_pid() and locktype = 'advisory' and classid = 1667330401 and objsubid = 2
                and objid::bigint <= pg_current_xact_id()::text::bigint) then
            raise 'It writes to the log without having entered it: see LogOrder';
          end if;
          return null;
        end $$;
      create trigger must_have_entered after insert on carechat.chat_event
        for each statement execute function public.must_have_entered()
      """;

  private final String name;

  private TestDatabase(String name) {
    this.name = name;
  }

  /** With all tables, and nothing in them. */
  public static synchronized TestDatabase create() throws SQLException {
    LocalPostgres postgres = SharedServices.postgres();
    if (MADE.get() == 0) {
      PostgresStorage.prepare(
          postgres.jdbcUrl("postgres"),
          postgres.superuser(),
          postgres.password(),
          new TestDatabase(TEMPLATE).settings());
      new TestDatabase(TEMPLATE).execute(ENTERED);
    }
    String name = "test_" + MADE.incrementAndGet();
    try (Connection connection = postgres().superuser();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name + " template " + TEMPLATE);
      // PostgreSQL does not copy the rights to connect.
      statement.execute("revoke connect on database " + name + " from public");
    }
    TestDatabase made = new TestDatabase(name);
    made.grantConnect(SERVICE);
    return made;
  }

  /** Lets a user connect. */
  public void grantConnect(String user) throws SQLException {
    execute("grant connect on database " + name + " to " + user);
  }

  /** The one that every server has. */
  public static TestDatabase postgres() {
    return new TestDatabase("postgres");
  }

  /** What the service is opened with. */
  public PostgresStorage.Settings settings() {
    return new PostgresStorage.Settings(
        SharedServices.postgres().jdbcUrl(name), SERVICE, PASSWORD, 8);
  }

  /** How the service connects. */
  public DatabaseSettings connection() {
    return new DatabaseSettings(SharedServices.postgres().jdbcUrl(name), SERVICE, PASSWORD);
  }

  /** A connection that may do everything. */
  public Connection superuser() throws SQLException {
    LocalPostgres postgres = SharedServices.postgres();
    return DriverManager.getConnection(
        postgres.jdbcUrl(name), postgres.superuser(), postgres.password());
  }

  /** A connection of the service's user that acts as a role. */
  public Connection as(String role) throws SQLException {
    Connection connection =
        DriverManager.getConnection(settings().jdbcUrl(), settings().user(), PASSWORD.value());
    execute(connection, "set role " + role);
    return connection;
  }

  /** Does something as the superuser. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = superuser()) {
      execute(connection, sql);
    }
  }

  /** Does something with a connection. */
  public static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The number that a query gives, as the superuser sees it. */
  public long number(String sql) throws SQLException {
    try (Connection connection = superuser()) {
      return number(connection, sql);
    }
  }

  /** The number that a query gives, as the connection sees it. */
  public static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
