package io.carechat.persistence.events;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jooq.Condition;
import org.jooq.Param;
import org.jooq.Query;

/** The events of the log after a position, in order, and how they are read from rows. Immutable. */
public final class EventLogQuery implements RowMapper<LoggedEvent> {
  /** The position, for {@link #after}. */
  public static final Param<Long> TRANSACTION = Parameters.bigint("transaction");

  /** As {@link #TRANSACTION}. */
  public static final Param<Long> NUMBER = Parameters.bigint("number");

  private final ChatEventColumns chatEvent;
  private final RowMapper<TenantInstance> instance;
  private final Column<Long> transaction;
  private final Column<Long> number;
  private final Column<String> type;
  private final Column<Instant> occurredAt;
  private final Column<String> endpointId;
  private final Column<String> reason;

  /** For a statement that ends with the query that {@link #after} gives. */
  public EventLogQuery(SqlStatement statement) {
    chatEvent = new ChatEventColumns(statement);
    instance = ChatKeys.instances(statement);
    transaction = statement.column(CHAT_EVENT.LOG_TRANSACTION);
    number = statement.column(CHAT_EVENT.LOG_NUMBER);
    type = statement.column(CHAT_EVENT.TYPE);
    occurredAt = statement.column(CHAT_EVENT.OCCURRED_AT);
    endpointId = statement.column(CHAT_EVENT.ENDPOINT_ID);
    reason = statement.column(CHAT_EVENT.REASON);
  }

  /**
   * A query of the events after a position, in order, up to {@link Parameters#LIMIT}. It is not
   * aware of transactions whose events are still to appear: see {@link LogOrder}.
   */
  public static Query after(Condition which) {
    return select(
            CHAT_EVENT.LOG_TRANSACTION,
            CHAT_EVENT.LOG_NUMBER,
            CHAT_EVENT.TENANT_NAME,
            CHAT_EVENT.INSTANCE_NAME,
            CHAT_EVENT.PATIENT_ID,
            CHAT_EVENT.ENDPOINT_ID,
            CHAT_EVENT.REASON)
        .select(ChatEventColumns.FIELDS)
        .select(MessageColumns.FIELDS)
        .from(CHAT_EVENT)
        .leftJoin(MESSAGE)
        .on(chat(MESSAGE).eq(chat(CHAT_EVENT)))
        .and(MESSAGE.CREATED_AT.eq(CHAT_EVENT.MESSAGE_CREATED_AT))
        .where(which)
        .and(row(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER).gt(row(TRANSACTION, NUMBER)))
        .orderBy(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
        .limit(Parameters.LIMIT);
  }

  /** Sets the position and the limit. */
  public static BoundStatement bind(BoundStatement statement, LogPosition after, int limit) {
    return statement
        .set(TRANSACTION, after.transaction())
        .set(NUMBER, after.number())
        .set(Parameters.LIMIT, limit);
  }

  @Override
  public LoggedEvent map(ResultSet row) throws SQLException {
    return new LoggedEvent(new LogPosition(transaction.get(row), number.get(row)), event(row));
  }

  private Event event(ResultSet row) throws SQLException {
    return EventType.ENDPOINT_DISABLED.name().equals(type.get(row))
        ? new InstanceEvent.EndpointDisabled(
            instance.map(row),
            new EndpointId(endpointId.get(row)),
            InstanceEvent.Reason.valueOf(reason.get(row)),
            occurredAt.get(row))
        : chatEvent.map(row);
  }
}
