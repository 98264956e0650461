package io.carechat.persistence.exports;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.jdbc.Sql.columns;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.trueCondition;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.exports.ExportRequest;
import io.carechat.domain.exports.ExportSource;
import io.carechat.domain.exports.ExportedMessages;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.persistence.events.EventLogQuery;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.events.MessageColumns;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowLevelSecurity;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Table;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of the event log with row-level security, as for a request. Each read is a
 * statement of its own, so that an export keeps no snapshot and no connection.
 */
public final class PostgresExportedMessages implements ExportedMessages {
  private static final Param<Instant> FROM = Parameters.time("created_from");
  private static final Param<Instant> TO = Parameters.time("created_to");
  private static final Param<Long> THROUGH = Parameters.bigint("through_transaction");

  /**
   * The index of the log has the order already. While the planner believes that the table is small,
   * it would rather read all events of the instance by another index and sort them.
   */
  private static final Field<String> NO_SORT =
      field("set_config({0}, {1}, true)", String.class, inline("enable_sort"), inline("off"));

  private static final Rows OF_INSTANCE = new Rows(instance(CHAT_EVENT).eq(instance()));
  private static final Rows OF_CHAT = new Rows(chat(CHAT_EVENT).eq(chat()));

  private final Connections reading;
  private final InstanceEvents log;

  /**
   * @param reading connections that see one instance at a time
   * @param log the event log
   */
  public PostgresExportedMessages(Connections reading, InstanceEvents log) {
    this.reading = reading;
    this.log = log;
  }

  /** A row of the log: with a message, or without one that is exported. */
  private record LogRow(LogPosition position, @Nullable Entry entry) {}

  private static final class Rows {
    private final SqlStatement statement;
    private final RowMapper<ChatId> chat;
    private final MessageColumns message;
    private final Column<Long> transaction;
    private final Column<Long> number;
    private final Column<UUID> externalId;

    Rows(Condition which) {
      statement = SqlStatement.of(RowLevelSecurity.scope(NO_SORT), query(which));
      chat = ChatKeys.chats(statement);
      message = new MessageColumns(statement);
      transaction = statement.column(CHAT_EVENT.LOG_TRANSACTION);
      number = statement.column(CHAT_EVENT.LOG_NUMBER);
      externalId = statement.column(MESSAGE.EXTERNAL_ID);
    }

    /**
     * First some events, along an index, and then the message of each. So a statement is short
     * however few of them are exported, and no text is read that is not.
     *
     * <p>The limit in the lateral query makes PostgreSQL find each message by its key. With a plain
     * join, it would read all messages of the instance for each event, as long as it believes that
     * the table is small.
     */
    private static Query query(Condition which) {
      Table<?> logged =
          select(
                  CHAT_EVENT.TENANT_NAME,
                  CHAT_EVENT.INSTANCE_NAME,
                  CHAT_EVENT.PATIENT_ID,
                  CHAT_EVENT.LOG_TRANSACTION,
                  CHAT_EVENT.LOG_NUMBER,
                  CHAT_EVENT.TYPE,
                  CHAT_EVENT.MESSAGE_CREATED_AT)
              .from(CHAT_EVENT)
              .where(which)
              .and(
                  row(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
                      .gt(row(EventLogQuery.TRANSACTION, EventLogQuery.NUMBER)))
              .and(CHAT_EVENT.LOG_TRANSACTION.le(THROUGH))
              .orderBy(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
              .limit(Parameters.LIMIT)
              .asTable("logged");
      Table<?> sent =
          select(MessageColumns.FIELDS)
              .from(MESSAGE)
              .where(chat(MESSAGE).eq(chat(logged)))
              .and(MESSAGE.CREATED_AT.eq(column(logged, CHAT_EVENT.MESSAGE_CREATED_AT)))
              .and(column(logged, CHAT_EVENT.TYPE).eq(EventType.MESSAGE_SENT.value()))
              .and(column(logged, CHAT_EVENT.MESSAGE_CREATED_AT).ge(FROM))
              .and(column(logged, CHAT_EVENT.MESSAGE_CREATED_AT).lt(TO))
              .limit(inline(1))
              .asTable("sent");
      return select(
              column(logged, CHAT_EVENT.TENANT_NAME),
              column(logged, CHAT_EVENT.INSTANCE_NAME),
              column(logged, CHAT_EVENT.PATIENT_ID),
              column(logged, CHAT_EVENT.LOG_TRANSACTION),
              column(logged, CHAT_EVENT.LOG_NUMBER))
          .select(columns(sent, MessageColumns.FIELDS))
          .from(logged)
          .leftJoin(lateral(sent))
          .on(trueCondition())
          .orderBy(
              column(logged, CHAT_EVENT.LOG_TRANSACTION), column(logged, CHAT_EVENT.LOG_NUMBER));
    }

    List<LogRow> read(Connections connections, BoundStatement bound) {
      return connections.read(
          bound,
          row -> {
            var position = new LogPosition(transaction.get(row), number.get(row));
            return new LogRow(
                position,
                externalId.getOrNull(row) == null
                    ? null
                    : new Entry(position, message.read(chat.map(row), row)));
          });
    }
  }

  @Override
  public boolean isComplete(LogPosition through) {
    return log.end().compareTo(through) >= 0;
  }

  @Override
  public Batch read(ExportRequest request, LogPosition after, LogPosition through, int limit) {
    Rows rows =
        switch (request.source()) {
          case ExportSource.OfChat _ -> OF_CHAT;
          case ExportSource.OfInstance _ -> OF_INSTANCE;
        };
    BoundStatement statement = EventLogQuery.bind(rows.statement.bind(), after, limit);
    BoundStatement bound =
        switch (request.source()) {
          case ExportSource.OfChat(var chat) -> statement.chat(chat);
          case ExportSource.OfInstance(var instance) -> statement.instance(instance);
        };
    List<LogRow> found =
        rows.read(
            reading,
            bound
                .set(THROUGH, through.transaction())
                .set(FROM, Objects.requireNonNullElse(request.from(), Parameters.START_OF_TIME))
                .set(TO, Objects.requireNonNullElse(request.to(), Parameters.END_OF_TIME)));
    var entries = new ArrayList<Entry>(found.size());
    for (LogRow each : found) {
      if (each.entry != null) {
        entries.add(each.entry);
      }
    }
    return new Batch(
        entries, found.isEmpty() ? after : found.getLast().position, found.size() < limit);
  }
}
