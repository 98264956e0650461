package io.carechat.persistence.messages;

import static io.carechat.persistence.generated.Sequences.EVENT_NUMBER;
import static io.carechat.persistence.generated.Tables.CHAT;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.Sql.column;
import static org.jooq.impl.DSL.asterisk;
import static org.jooq.impl.DSL.boolAnd;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.partitionBy;
import static org.jooq.impl.DSL.rowNumber;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.when;
import static org.jooq.impl.DSL.with;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.MessageLog.Appended;
import io.carechat.domain.messages.NewMessage;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.events.MessageColumns;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jooq.CommonTableExpression;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.RowCountQuery;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.WindowSpecificationOrderByStep;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** Stores messages and their events, many in one transaction and one round trip. */
final class MessageAppender {
  private static final GivenRows GIVEN =
      GivenRows.numbered(
          "given",
          MESSAGE.TENANT_NAME,
          MESSAGE.INSTANCE_NAME,
          MESSAGE.PATIENT_ID,
          MESSAGE.EXTERNAL_ID,
          MESSAGE.SENDER_ID,
          MESSAGE.SENDER_TYPE,
          MESSAGE.SENDER_TITLE,
          MESSAGE.TEXT,
          MESSAGE.IDEMPOTENCY_KEY);

  private static final Param<Instant> NOW = DSL.param("now", MESSAGE.CREATED_AT.getDataType());
  private static final Field<Boolean> IS_EARLIER = field(name("earlier"), SQLDataType.BOOLEAN);

  /** Locks the chats, and then stores what was not stored before with the same key. */
  private static final SqlStatement APPEND = SqlStatement.of(LogOrder.enterChats(), storeFresh());

  private static final Column<Long> ORDINAL = APPEND.column(GIVEN.ordinal());
  private static final Column<Boolean> EARLIER = APPEND.column(IS_EARLIER);
  private static final Column<Instant> CREATED_AT = APPEND.column(MESSAGE.CREATED_AT);
  private static final MessageColumns COLUMNS = new MessageColumns(APPEND);

  private final InstantSource clock;

  MessageAppender(InstantSource clock) {
    this.clock = clock;
  }

  private static Query storeFresh() {
    CommonTableExpression<?> earlier = name("earlier").asMaterialized(earlier());

    Field<Long> position = field(name("position"), SQLDataType.BIGINT);
    Field<Long> total = field(name("total"), SQLDataType.BIGINT);
    Field<Boolean> byPatientAlone = field(name("by_patient_alone"), SQLDataType.BOOLEAN);
    Field<Boolean> byCareTeamAlone = field(name("by_care_team_alone"), SQLDataType.BOOLEAN);
    CommonTableExpression<?> fresh =
        name("fresh")
            .as(
                select(
                        asterisk(),
                        rowNumber().over(ofChat().orderBy(GIVEN.ordinal())).as(position.getName()),
                        count().over(ofChat()).as(total.getName()),
                        areAllOf(ClientType.PATIENT).as(byPatientAlone.getName()),
                        areAllOf(ClientType.CARE_TEAM).as(byCareTeamAlone.getName()))
                    .from(table(name("given")))
                    .where(
                        GIVEN
                            .ordinal()
                            .notIn(select(column(earlier, GIVEN.ordinal())).from(earlier))));

    // A chat's messages get consecutive milliseconds. The last of these is known first.
    Field<Instant> last =
        field(
            "{0} + ({1} - 1) * interval '1 ms'",
            CHAT.LAST_CREATED_AT.getDataType(), NOW, column(fresh, total));
    Field<Instant> next =
        greatest(
            excluded(CHAT.LAST_CREATED_AT),
            field(
                "{0} + interval '1 ms' + ({1} - {2})",
                CHAT.LAST_CREATED_AT.getDataType(),
                CHAT.LAST_CREATED_AT,
                excluded(CHAT.LAST_CREATED_AT),
                NOW));
    CommonTableExpression<?> chats =
        name("chats")
            .as(
                insertInto(
                        CHAT,
                        CHAT.TENANT_NAME,
                        CHAT.INSTANCE_NAME,
                        CHAT.PATIENT_ID,
                        CHAT.LAST_CREATED_AT,
                        CHAT.READ_BY_PATIENT_AS_OF,
                        CHAT.READ_BY_CARE_TEAM_AS_OF)
                    .select(
                        select(
                                column(fresh, CHAT.TENANT_NAME),
                                column(fresh, CHAT.INSTANCE_NAME),
                                column(fresh, CHAT.PATIENT_ID),
                                last,
                                when(column(fresh, byPatientAlone), last),
                                when(column(fresh, byCareTeamAlone), last))
                            .from(fresh)
                            .where(column(fresh, position).eq(inline(1L))))
                    .onConflict(CHAT.TENANT_NAME, CHAT.INSTANCE_NAME, CHAT.PATIENT_ID)
                    .doUpdate()
                    .set(CHAT.LAST_CREATED_AT, next)
                    .set(
                        CHAT.READ_BY_PATIENT_AS_OF, stillReadAsOf(CHAT.READ_BY_PATIENT_AS_OF, next))
                    .set(
                        CHAT.READ_BY_CARE_TEAM_AS_OF,
                        stillReadAsOf(CHAT.READ_BY_CARE_TEAM_AS_OF, next))
                    .returning(
                        CHAT.TENANT_NAME,
                        CHAT.INSTANCE_NAME,
                        CHAT.PATIENT_ID,
                        CHAT.LAST_CREATED_AT));

    Table<?> timed =
        select(
                fresh.asterisk(),
                field(
                        "{0} - ({1} - {2}) * interval '1 ms'",
                        MESSAGE.CREATED_AT.getDataType(),
                        column(chats, CHAT.LAST_CREATED_AT),
                        column(fresh, total),
                        column(fresh, position))
                    .as(MESSAGE.CREATED_AT.getName()))
            .from(fresh)
            .join(chats)
            .on(chat(chats).eq(chat(fresh)))
            .orderBy(column(fresh, GIVEN.ordinal()))
            .asTable("timed");
    CommonTableExpression<?> numbered =
        name("numbered")
            .asMaterialized(
                select(timed.asterisk(), EVENT_NUMBER.nextval().as(CHAT_EVENT.LOG_NUMBER.getName()))
                    .from(timed));

    return with(GIVEN.expression())
        .with(earlier)
        .with(fresh)
        .with(chats)
        .with(numbered)
        .with(Sql.effect(name("messages"), insertMessages(numbered)))
        .with(Sql.effect(name("events"), insertEvents(numbered)))
        .select(
            column(numbered, GIVEN.ordinal()),
            inline(false).as(IS_EARLIER.getName()),
            column(numbered, MESSAGE.CREATED_AT),
            castNull(MESSAGE.EXTERNAL_ID).as(MESSAGE.EXTERNAL_ID.getName()),
            castNull(MESSAGE.SENDER_ID).as(MESSAGE.SENDER_ID.getName()),
            castNull(MESSAGE.SENDER_TYPE).as(MESSAGE.SENDER_TYPE.getName()),
            castNull(MESSAGE.SENDER_TITLE).as(MESSAGE.SENDER_TITLE.getName()),
            castNull(MESSAGE.TEXT).as(MESSAGE.TEXT.getName()))
        .from(numbered)
        .unionAll(
            select(
                    column(earlier, GIVEN.ordinal()),
                    inline(true),
                    column(earlier, MESSAGE.CREATED_AT),
                    column(earlier, MESSAGE.EXTERNAL_ID),
                    column(earlier, MESSAGE.SENDER_ID),
                    column(earlier, MESSAGE.SENDER_TYPE),
                    column(earlier, MESSAGE.SENDER_TITLE),
                    column(earlier, MESSAGE.TEXT))
                .from(earlier));
  }

  /** Whether all messages of a chat that are given come from one side. */
  private static Field<Boolean> areAllOf(ClientType side) {
    return boolAnd(GIVEN.field(MESSAGE.SENDER_TYPE).eq(inline(side.name()))).over(ofChat());
  }

  /**
   * What a column becomes that says as of which message a side had read everything. If it had, and
   * only this side writes, it still has. Otherwise the column stays behind the newest message, and
   * so says that something may be unread.
   *
   * @param next the time of the newest message
   */
  private static Field<Instant> stillReadAsOf(Field<Instant> readAsOf, Field<Instant> next) {
    return when(excluded(readAsOf).isNotNull().and(readAsOf.eq(CHAT.LAST_CREATED_AT)), next)
        .otherwise(readAsOf);
  }

  /** The messages of one chat. A new object each time: jOOQ changes it when it is ordered. */
  private static WindowSpecificationOrderByStep ofChat() {
    return partitionBy(
        GIVEN.field(MESSAGE.TENANT_NAME),
        GIVEN.field(MESSAGE.INSTANCE_NAME),
        GIVEN.field(MESSAGE.PATIENT_ID));
  }

  /** What the same senders have stored before with the keys that are given. */
  private static Select<?> earlier() {
    Table<?> found =
        lateral(
                select(MessageColumns.FIELDS)
                    .from(MESSAGE)
                    .where(chat(MESSAGE).eq(chat(GIVEN)))
                    .and(MESSAGE.IDEMPOTENCY_KEY.eq(GIVEN.field(MESSAGE.IDEMPOTENCY_KEY)))
                    .and(MESSAGE.SENDER_TYPE.eq(GIVEN.field(MESSAGE.SENDER_TYPE)))
                    .and(MESSAGE.SENDER_ID.eq(GIVEN.field(MESSAGE.SENDER_ID)))
                    .limit(inline(1)))
            .as("found");
    return select(GIVEN.ordinal())
        .select(Sql.columns(found, MessageColumns.FIELDS))
        .from(table(name("given")))
        .crossJoin(found)
        .where(GIVEN.field(MESSAGE.IDEMPOTENCY_KEY).isNotNull());
  }

  private static RowCountQuery insertMessages(Table<?> numbered) {
    List<Field<?>> columns =
        List.of(
            MESSAGE.TENANT_NAME,
            MESSAGE.INSTANCE_NAME,
            MESSAGE.PATIENT_ID,
            MESSAGE.CREATED_AT,
            MESSAGE.EXTERNAL_ID,
            MESSAGE.SENDER_ID,
            MESSAGE.SENDER_TYPE,
            MESSAGE.SENDER_TITLE,
            MESSAGE.TEXT,
            MESSAGE.IDEMPOTENCY_KEY);
    return insertInto(MESSAGE, columns)
        .select(select(Sql.columns(numbered, columns)).from(numbered));
  }

  private static RowCountQuery insertEvents(Table<?> numbered) {
    return insertInto(
            CHAT_EVENT,
            CHAT_EVENT.TENANT_NAME,
            CHAT_EVENT.INSTANCE_NAME,
            CHAT_EVENT.PATIENT_ID,
            CHAT_EVENT.LOG_TRANSACTION,
            CHAT_EVENT.LOG_NUMBER,
            CHAT_EVENT.TYPE,
            CHAT_EVENT.MESSAGE_CREATED_AT)
        .select(
            select(
                    column(numbered, CHAT_EVENT.TENANT_NAME),
                    column(numbered, CHAT_EVENT.INSTANCE_NAME),
                    column(numbered, CHAT_EVENT.PATIENT_ID),
                    LogOrder.OWN_ID,
                    column(numbered, CHAT_EVENT.LOG_NUMBER),
                    EventType.MESSAGE_SENT.value(),
                    column(numbered, MESSAGE.CREATED_AT))
                .from(numbered));
  }

  private record KeyOfSender(ChatId chat, ClientType side, UUID sender, IdempotencyKey key) {
    static KeyOfSender of(NewMessage message, IdempotencyKey key) {
      return new KeyOfSender(
          message.chat(), message.sender().clientType(), message.sender().id(), key);
    }
  }

  private record Row(Message message, boolean earlier) {}

  /** Stores a batch. The answers are in its order. Everything is committed when this returns. */
  List<Appended> append(Connection connection, List<NewMessage> batch) throws SQLException {
    // Of those with one key of a sender in a chat the first goes to the database, and decides for
    // the others.
    var distinct = new ArrayList<NewMessage>();
    Map<KeyOfSender, Integer> numberOfKey = new HashMap<>();
    int[] numbers = new int[batch.size()];
    for (int i = 0; i < numbers.length; i++) {
      NewMessage message = batch.get(i);
      IdempotencyKey key = message.key();
      int next = distinct.size();
      Integer earlier =
          key == null ? null : numberOfKey.putIfAbsent(KeyOfSender.of(message, key), next);
      numbers[i] = earlier == null ? next : earlier;
      if (earlier == null) {
        distinct.add(message);
      }
    }
    @Nullable Row[] rows = store(connection, distinct);
    var answers = new ArrayList<Appended>();
    int firsts = 0;
    for (int i = 0; i < numbers.length; i++) {
      Row row = rows[numbers[i]];
      if (row == null) {
        throw new IllegalStateException("PostgreSQL did not answer for every message");
      }
      boolean isFirst = numbers[i] == firsts;
      if (isFirst) {
        firsts++;
      }
      if (isFirst && !row.earlier) {
        answers.add(new Appended.Stored(row.message));
      } else {
        answers.add(batch.get(i).compareWithEarlier(row.message));
      }
    }
    return answers;
  }

  /** What the log has for each message, in their order. */
  private @Nullable Row[] store(Connection connection, List<NewMessage> messages)
      throws SQLException {
    @Nullable Row[] rows = new @Nullable Row[messages.size()];
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    List<Row> _ =
        bind(messages, now)
            .read(
                connection,
                result -> {
                  int number = Math.toIntExact(ORDINAL.get(result)) - 1;
                  Row row = row(messages.get(number), result);
                  rows[number] = row;
                  return row;
                });
    return rows;
  }

  private static BoundStatement bind(List<NewMessage> messages, Instant now) {
    return LogOrder.enter(APPEND.bind(), messages, NewMessage::chat)
        .set(GIVEN, MESSAGE.TENANT_NAME, messages, each -> each.chat().instance().tenantName())
        .set(GIVEN, MESSAGE.INSTANCE_NAME, messages, each -> each.chat().instance().instanceName())
        .set(GIVEN, MESSAGE.PATIENT_ID, messages, each -> each.chat().patient().value())
        .set(GIVEN, MESSAGE.EXTERNAL_ID, messages, each -> each.externalId().value())
        .set(GIVEN, MESSAGE.SENDER_ID, messages, each -> each.sender().id())
        .set(GIVEN, MESSAGE.SENDER_TYPE, messages, each -> each.sender().clientType().name())
        .set(GIVEN, MESSAGE.SENDER_TITLE, messages, each -> each.sender().titleName())
        .set(GIVEN, MESSAGE.TEXT, messages, each -> each.text().value())
        .set(
            GIVEN,
            MESSAGE.IDEMPOTENCY_KEY,
            messages,
            each -> each.key() == null ? null : each.key().value())
        .set(NOW, now);
  }

  private static Row row(NewMessage given, ResultSet result) throws SQLException {
    if (EARLIER.get(result)) {
      return new Row(COLUMNS.read(given.chat(), result), true);
    }
    return new Row(
        new Message(
            given.chat(), given.externalId(), given.sender(), given.text(), CREATED_AT.get(result)),
        false);
  }
}
