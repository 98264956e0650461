package io.carechat.persistence.schema;
import io.carechat.domain.chat.Unavailable;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.jdbc.SqlErrors;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What must be so for the service's promises to hold: that an acknowledged message is on the disk,
 * and that row-level security keeps tenants apart.
 */
final class Safety {
  /** Each finds what is wrong, as sentences. */
  private static final List<String> CHECKS =
      List.of(
          """
          select 'PostgreSQL ' || current_setting('server_version') || ' is too old: 17 or later is needed.'
          where current_setting('server_version_num')::int < 170000
          """,
          """
          select format('The setting %s is off: what was acknowledged could be lost. Turn it on.', name)
          from pg_settings
          where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off'
          """,
          """
          select format(
            'The user %s is a superuser or bypasses row-level security, or can become such a role (%s): '
              'use one that cannot.', session_user, rolname)
          from pg_roles
          where (rolsuper or rolbypassrls) and pg_has_role(session_user, oid, 'member')
          order by rolname <> session_user, rolname
          limit 1
          """,
          """
          select format('The table %s has no row-level security, or its owner escapes it: run the migrations.', oid::regclass)
          from pg_class
          where relnamespace = to_regnamespace('carechat') and relkind in ('r', 'p')
            and relname <> 'flyway_schema_history'
            and not (relrowsecurity and relforcerowsecurity)
          """,
          """
          select format(
            'The user %s can become the owner of the table %s, and could change its policies: use one that cannot.',
            session_user, relname)
          from pg_class
          where relnamespace = to_regnamespace('carechat') and relname = 'message'
            and pg_has_role(session_user, relowner, 'member')
          """,
          """
          select format('The user %s is not a member of the role %s: grant it.', session_user, wanted)
          from unnest(array['carechat_app', 'carechat_worker']) as wanted
          where not exists (
            select from pg_roles where rolname = wanted and pg_has_role(session_user, oid, 'set'))
          """,
          """
          select 'The database has no tables of carechat: run the migrations.'
          from pg_database
          where datname = current_database()
            and not exists (
              select from pg_class where relnamespace = to_regnamespace('carechat') and relname = 'message')
          """);

  private Safety() {}

  /**
   * @throws IllegalStateException if something is wrong; the message says all of it
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  static void check(PostgresStorage.Settings settings) {
    var faults = new ArrayList<String>();
    try (Connection connection =
            DriverManager.getConnection(
                settings.jdbcUrl(), settings.user(), settings.password().value());
        Statement statement = connection.createStatement()) {
      for (String check : CHECKS) {
        try (ResultSet rows = statement.executeQuery(check)) {
          while (rows.next()) {
            faults.add(rows.getString(1));
          }
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
    if (!faults.isEmpty()) {
      throw new IllegalStateException(String.join("\n", faults));
    }
  }
}
