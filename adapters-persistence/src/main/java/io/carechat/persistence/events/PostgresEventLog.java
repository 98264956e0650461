package io.carechat.persistence.events;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Rows;
import io.carechat.persistence.jdbc.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Record;
import org.jooq.Select;

/** Reads what happened, in the order of (transaction, number). */
final class PostgresEventLog implements EventLog, InstanceEvents {
  static final Condition OF_INSTANCE =
      CHAT_EVENT
          .TENANT_NAME
          .eq(Sql.text("tenant"))
          .and(CHAT_EVENT.INSTANCE_NAME.eq(Sql.text("instance")));

  private static final String NEXT = "select " + LogOrder.NOTE_HORIZON + "; " + next(noCondition());
  private static final String NEXT_OF_INSTANCE = scoped(next(OF_INSTANCE));

  /** An event of no chat has the patient that is all zeros, whom a chat may have as well. */
  private static final String NEXT_OF_CHAT =
      scoped(
          next(
              OF_INSTANCE
                  .and(CHAT_EVENT.PATIENT_ID.eq(Sql.uuid("patient")))
                  .and(CHAT_EVENT.MESSAGE_CREATED_AT.isNotNull())));

  private static final String END = "select " + LogOrder.HORIZON + " as horizon";

  /** Nothing can appear any more before what this reads: see {@link LogOrder}. */
  private static String next(Condition which) {
    return Sql.render(
        events(
            which.and(CHAT_EVENT.LOG_TRANSACTION.lt(field(LogOrder.NOTED_HORIZON, Long.class)))));
  }

  private static String scoped(String next) {
    return Connections.SCOPE + ", " + LogOrder.NOTE_HORIZON + "; " + next;
  }

  /** Events with what {@link #logged} reads of them, after a position, in order, up to a limit. */
  static Select<? extends Record> events(Condition which) {
    return select(
            CHAT_EVENT.LOG_TRANSACTION,
            CHAT_EVENT.LOG_NUMBER,
            CHAT_EVENT.TENANT_NAME,
            CHAT_EVENT.INSTANCE_NAME,
            CHAT_EVENT.PATIENT_ID,
            CHAT_EVENT.TYPE,
            CHAT_EVENT.OCCURRED_AT,
            CHAT_EVENT.READER_TYPE,
            CHAT_EVENT.ENDPOINT_ID,
            CHAT_EVENT.REASON,
            MESSAGE.CREATED_AT,
            MESSAGE.EXTERNAL_ID,
            MESSAGE.SENDER_ID,
            MESSAGE.SENDER_TYPE,
            MESSAGE.SENDER_TITLE,
            MESSAGE.TEXT)
        .from(CHAT_EVENT)
        .leftJoin(MESSAGE)
        .on(MESSAGE.TENANT_NAME.eq(CHAT_EVENT.TENANT_NAME))
        .and(MESSAGE.INSTANCE_NAME.eq(CHAT_EVENT.INSTANCE_NAME))
        .and(MESSAGE.PATIENT_ID.eq(CHAT_EVENT.PATIENT_ID))
        .and(MESSAGE.CREATED_AT.eq(CHAT_EVENT.MESSAGE_CREATED_AT))
        .where(which)
        .and(
            row(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
                .gt(row(Sql.number("transaction"), Sql.number("number"))))
        .orderBy(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
        .limit(Sql.count("limit"));
  }

  private final Connections reading;
  private final Connections following;

  /**
   * @param reading for what somebody asked for
   * @param following for the service's own consumers
   */
  PostgresEventLog(Connections reading, Connections following) {
    this.reading = reading;
    this.following = following;
  }

  @Override
  public List<LoggedEvent> read(LogPosition after, int limit) {
    return following.readSecond(
        NEXT,
        parameters -> parameters.number(after.transaction()).number(after.number()).number(limit),
        PostgresEventLog::logged);
  }

  @Override
  public List<LoggedEvent> read(TenantInstance instance, LogPosition after, int limit) {
    return reading.readSecond(
        NEXT_OF_INSTANCE,
        parameters ->
            parameters
                .scope(instance)
                .text(instance.tenantName())
                .text(instance.instanceName())
                .number(after.transaction())
                .number(after.number())
                .number(limit),
        PostgresEventLog::logged);
  }

  @Override
  public List<LoggedEvent> read(ChatId chat, LogPosition after, int limit) {
    return reading.readSecond(
        NEXT_OF_CHAT,
        parameters ->
            parameters
                .scope(chat.instance())
                .chat(chat)
                .number(after.transaction())
                .number(after.number())
                .number(limit),
        PostgresEventLog::logged);
  }

  @Override
  public LogPosition end() {
    long horizon = reading.read(END, parameters -> {}, row -> row.getLong("horizon")).getFirst();
    return new LogPosition(horizon - 1, Long.MAX_VALUE);
  }

  static LoggedEvent logged(ResultSet row) throws SQLException {
    return new LoggedEvent(
        new LogPosition(row.getLong("log_transaction"), row.getLong("log_number")),
        Rows.event(row));
  }
}
