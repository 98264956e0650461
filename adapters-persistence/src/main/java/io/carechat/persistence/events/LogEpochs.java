package io.carechat.persistence.events;

import static io.carechat.persistence.generated.Routines.enterLogEpoch;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;

import io.carechat.domain.chat.Unavailable;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.DatabaseSettings;
import io.carechat.persistence.jdbc.SqlErrors;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.jooq.Field;
import org.jooq.impl.SQLDataType;

/**
 * The epochs of the event log. The database function {@code enter_log_epoch} begins one when the
 * database was replaced by an older copy, or restored into another server. It is called by each
 * connection that may write to the log: see {@link Connections}.
 */
public final class LogEpochs {
  private static final Field<Integer> EPOCH = enterLogEpoch(inline(true)).as("epoch");
  private static final SqlStatement BEGIN = SqlStatement.of(select(EPOCH));
  private static final Column<Integer> BEGUN = BEGIN.column(EPOCH);

  /** The view of the system has no generated class. */
  private static final Field<String> APPLICATION =
      field(name("application_name"), SQLDataType.CLOB);

  private static final SqlStatement NODES =
      SqlStatement.of(
          select(APPLICATION)
              .from(table(name("pg_stat_activity")))
              .where(
                  field(name("datname"), String.class)
                      .eq(field("current_database()", String.class)))
              .and(APPLICATION.startsWith(inline(Connections.NAME_PREFIX))));

  private static final Column<String> NODE = NODES.column(APPLICATION);

  private LogEpochs() {}

  /**
   * Begins a new epoch, whatever the server is. This is for a restore that leaves no trace in the
   * database, such as that of a snapshot of its disk.
   *
   * @return the number of the epoch
   * @throws IllegalStateException if a node of the service is connected: its transactions that are
   *     under way belong to the epoch before
   * @throws Unavailable if PostgreSQL cannot be reached
   */
  public static int begin(DatabaseSettings settings) {
    try (Connection connection =
        DriverManager.getConnection(
            settings.jdbcUrl(), settings.user(), settings.password().value())) {
      List<String> nodes = NODES.bind().read(connection, NODE::get);
      if (!nodes.isEmpty()) {
        throw new IllegalStateException(
            "The service is connected to the database. Stop all of its nodes first.");
      }
      Connections.become(connection, Connections.Purpose.WORKING);
      return BEGIN.bind().read(connection, BEGUN::get).getFirst();
    } catch (SQLException e) {
      throw SqlErrors.of(e);
    }
  }
}
