package io.carechat.persistence;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.ChatEvent;
import io.carechat.domain.EventLog;
import io.carechat.domain.LogPosition;
import io.carechat.domain.LoggedEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jooq.Record;
import org.jooq.SelectOnConditionStep;

/** Reads what happened, in the order of (transaction, number). */
final class PostgresEventLog implements EventLog {
  /**
   * Only of transactions older than every one that is still open: a transaction that is open, or
   * will be, has a later id than all that are read, and so nothing can appear before them any more.
   */
  private static final String NEXT =
      Sql.render(
          events()
              .where(
                  row(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
                      .gt(row(Sql.number("transaction"), Sql.number("number"))))
              .and(
                  CHAT_EVENT.LOG_TRANSACTION.lt(
                      field("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", Long.class)))
              .orderBy(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
              .limit(Sql.count("limit")));

  private final Connections connections;

  PostgresEventLog(Connections connections) {
    this.connections = connections;
  }

  @Override
  public List<LoggedEvent> read(LogPosition after, int limit) {
    return connections.read(
        NEXT,
        parameters -> parameters.number(after.transaction()).number(after.number()).number(limit),
        PostgresEventLog::event);
  }

  /** Events with their messages, as {@link #event} reads them. */
  static SelectOnConditionStep<? extends Record> events() {
    return select(
            CHAT_EVENT.LOG_TRANSACTION,
            CHAT_EVENT.LOG_NUMBER,
            CHAT_EVENT.TENANT_NAME,
            CHAT_EVENT.INSTANCE_NAME,
            CHAT_EVENT.PATIENT_ID,
            MESSAGE.CREATED_AT,
            MESSAGE.EXTERNAL_ID,
            MESSAGE.SENDER_ID,
            MESSAGE.SENDER_TYPE,
            MESSAGE.SENDER_TITLE,
            MESSAGE.TEXT)
        .from(CHAT_EVENT)
        .join(MESSAGE)
        .on(MESSAGE.TENANT_NAME.eq(CHAT_EVENT.TENANT_NAME))
        .and(MESSAGE.INSTANCE_NAME.eq(CHAT_EVENT.INSTANCE_NAME))
        .and(MESSAGE.PATIENT_ID.eq(CHAT_EVENT.PATIENT_ID))
        .and(MESSAGE.CREATED_AT.eq(CHAT_EVENT.MESSAGE_CREATED_AT));
  }

  static LoggedEvent event(ResultSet row) throws SQLException {
    return new LoggedEvent(
        new LogPosition(row.getLong("log_transaction"), row.getLong("log_number")),
        new ChatEvent.MessageSent(Rows.message(Rows.chat(row), row)));
  }
}
