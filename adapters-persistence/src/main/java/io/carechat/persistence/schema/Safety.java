package io.carechat.persistence.schema;

import static io.carechat.persistence.generated.Tables.MESSAGE;

import io.carechat.domain.chat.Unavailable;
import io.carechat.persistence.jdbc.DatabaseSettings;
import io.carechat.persistence.jdbc.SqlErrors;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks the conditions of the service's promises: that an acknowledged message is on the disk, and
 * that row-level security separates tenants.
 */
public final class Safety {
  /**
   * Each finds what is wrong, as sentences. They are text, because they read nothing but the
   * system's own catalogs, for which no classes are generated.
   */
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
          where relnamespace = to_regnamespace('{schema}') and relkind in ('r', 'p')
            and relname <> 'flyway_schema_history'
            and not (relrowsecurity and relforcerowsecurity)
          """,
          """
          select format(
            'The user %s can become the owner of the table %s, and could change its policies: use one that cannot.',
            session_user, relname)
          from pg_class
          where relnamespace = to_regnamespace('{schema}') and relname = '{messages}'
            and pg_has_role(session_user, relowner, 'member')
          """,
          """
          select format('The user %s is not a member of the role %s: grant it.', session_user, wanted)
          from unnest(array['carechat_app', 'carechat_worker']) as wanted
          where not exists (
            select from pg_roles where rolname = wanted and pg_has_role(session_user, oid, 'set'))
          """,
          """
          select format(
            'Every role of the server may connect to the database %1$I, and the database %2$I belongs to another '
              'installation of carechat, whose user could read this one''s messages. Run: '
              'revoke connect on database %1$I from public; grant connect on database %1$I to %3$I;',
            current_database(), min(datname), session_user)
          from ({others}) as other
          where exists (
              select from pg_class where relnamespace = to_regnamespace('{schema}') and relname = '{messages}')
            and has_database_privilege('public', current_database(), 'connect')
          having count(*) > 0
          """,
          """
          select 'The database has no tables of carechat: run the migrations.'
          from pg_database
          where datname = current_database()
            and not exists (
              select from pg_class where relnamespace = to_regnamespace('{schema}') and relname = '{messages}')
          """);

  private Safety() {}

  /**
   * Connects as the service does, and checks all conditions.
   *
   * @throws IllegalStateException if something is wrong; the message says all of it
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  public static void check(DatabaseSettings settings) {
    var problems = new ArrayList<String>();
    try (Connection connection =
            DriverManager.getConnection(
                settings.jdbcUrl(), settings.user(), settings.password().value());
        Statement statement = connection.createStatement()) {
      for (String check : CHECKS) {
        try (ResultSet rows = statement.executeQuery(withNames(check))) {
          while (rows.next()) {
            problems.add(rows.getString(1));
          }
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
    if (!problems.isEmpty()) {
      throw new IllegalStateException(String.join("\n", problems));
    }
  }

  private static String withNames(String check) {
    return check
        .replace("{others}", Schema.OTHER_INSTALLATIONS)
        .replace("{schema}", MESSAGE.getSchema().getName())
        .replace("{messages}", MESSAGE.getName());
  }
}
