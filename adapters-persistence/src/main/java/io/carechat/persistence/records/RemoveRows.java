package io.carechat.persistence.records;

import static io.carechat.persistence.generated.Tables.BROWSER_SESSION;
import static io.carechat.persistence.generated.Tables.CHAT;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.INSTANCE_USAGE;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.generated.Tables.READ_MARKER;
import static io.carechat.persistence.generated.Tables.SIGN_IN_LINK;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ATTEMPT;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.webhooks.WebhookKeys.lane;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.octetLength;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.sum;
import static org.jooq.impl.DSL.update;
import static org.jooq.impl.DSL.with;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.records.Removed;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import org.jooq.CommonTableExpression;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.impl.SQLDataType;

/**
 * Removes the rows of a chat up to a time, some of each kind in each transaction. Events go first,
 * so that no reader of the log finds an event without its message. With the events gone, nobody
 * plans a delivery any more, and then the deliveries go. The messages go last.
 */
final class RemoveRows {
  /** How many rows of each kind a transaction removes. It takes some tens of milliseconds. */
  static final int MAX = 5_000;

  private static final Param<Instant> THROUGH = Parameters.time("through");
  private static final Param<Long> BYTES = Parameters.bigint("bytes");

  private static final SqlStatement LOCK_LANES =
      SqlStatement.of(
          selectOne()
              .from(WEBHOOK_LANE)
              .where(chat(WEBHOOK_LANE).eq(chat()))
              .orderBy(WEBHOOK_LANE.ENDPOINT_ID)
              .forUpdate());

  private static final SqlStatement EVENTS = SqlStatement.of(events());

  private static final Field<Integer> DELIVERY_COUNT =
      field(name("deliveries"), SQLDataType.INTEGER);
  private static final Field<Integer> ATTEMPT_COUNT = field(name("attempts"), SQLDataType.INTEGER);
  private static final SqlStatement DELIVERIES = SqlStatement.of(deliveries());
  private static final Column<Integer> DELIVERIES_REMOVED = DELIVERIES.column(DELIVERY_COUNT);
  private static final Column<Integer> ATTEMPTS_REMOVED = DELIVERIES.column(ATTEMPT_COUNT);

  private static final Field<Integer> MESSAGE_COUNT = field(name("messages"), SQLDataType.INTEGER);
  private static final Field<Long> TEXT_BYTES = field(name("text_bytes"), SQLDataType.BIGINT);
  private static final SqlStatement MESSAGES = SqlStatement.of(messages());
  private static final Column<Integer> MESSAGES_REMOVED = MESSAGES.column(MESSAGE_COUNT);
  private static final Column<Long> BYTES_REMOVED = MESSAGES.column(TEXT_BYTES);

  private static final SqlStatement LANES =
      SqlStatement.of(
          deleteFrom(WEBHOOK_LANE)
              .where(chat(WEBHOOK_LANE).eq(chat()))
              .and(
                  notExists(
                      selectOne()
                          .from(WEBHOOK_DELIVERY)
                          .where(lane(WEBHOOK_DELIVERY).eq(lane(WEBHOOK_LANE)))
                          .and(WEBHOOK_DELIVERY.STATE.eq(inline(DeliveryState.PENDING.name()))))));

  private static final SqlStatement READ_MARKERS =
      SqlStatement.of(
          deleteFrom(READ_MARKER)
              .where(chat(READ_MARKER).eq(chat()))
              .and(READ_MARKER.MESSAGE_CREATED_AT.le(THROUGH)));

  private static final SqlStatement SESSIONS =
      SqlStatement.of(
          deleteFrom(BROWSER_SESSION)
              .where(BROWSER_SESSION.TENANT_NAME.eq(Parameters.TENANT))
              .and(BROWSER_SESSION.INSTANCE_NAME.eq(Parameters.INSTANCE))
              .and(BROWSER_SESSION.CLIENT_TYPE.eq(inline(ClientType.PATIENT.name())))
              .and(BROWSER_SESSION.PERSON_ID.eq(Parameters.PATIENT)));

  private static final SqlStatement LINKS =
      SqlStatement.of(
          deleteFrom(SIGN_IN_LINK)
              .where(
                  row(SIGN_IN_LINK.TENANT_NAME, SIGN_IN_LINK.INSTANCE_NAME, SIGN_IN_LINK.PATIENT_ID)
                      .eq(chat())));

  /** Messages that are newer than what is erased exist only when an older backup was restored. */
  private static final SqlStatement EMPTY_CHAT =
      SqlStatement.of(
          deleteFrom(CHAT)
              .where(chat(CHAT).eq(chat()))
              .and(notExists(selectOne().from(MESSAGE).where(chat(MESSAGE).eq(chat(CHAT))))));

  private static final SqlStatement REST_OF_CHAT =
      SqlStatement.of(
          update(CHAT)
              .set(CHAT.READ_BY_PATIENT_AS_OF, castNull(CHAT.READ_BY_PATIENT_AS_OF))
              .set(CHAT.READ_BY_CARE_TEAM_AS_OF, castNull(CHAT.READ_BY_CARE_TEAM_AS_OF))
              .where(chat(CHAT).eq(chat())));

  private static final SqlStatement USAGE =
      SqlStatement.of(
          update(INSTANCE_USAGE)
              .set(INSTANCE_USAGE.BYTES, greatest(inline(0L), INSTANCE_USAGE.BYTES.minus(BYTES)))
              .where(row(INSTANCE_USAGE.TENANT_NAME, INSTANCE_USAGE.INSTANCE_NAME).eq(instance())));

  /**
   * What a transaction removed.
   *
   * @param bytes of the texts, in UTF-8
   * @param complete whether there are no more rows up to the time
   */
  record Batch(Removed removed, long bytes, boolean complete) {}

  private RemoveRows() {}

  private static Query events() {
    CommonTableExpression<?> doomed =
        name("doomed")
            .as(
                select(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
                    .from(CHAT_EVENT)
                    .where(chat(CHAT_EVENT).eq(chat()))
                    .and(CHAT_EVENT.MESSAGE_CREATED_AT.le(THROUGH))
                    .limit(inline(MAX)));
    return with(doomed)
        .delete(CHAT_EVENT)
        .using(doomed)
        .where(chat(CHAT_EVENT).eq(chat()))
        .and(CHAT_EVENT.LOG_TRANSACTION.eq(column(doomed, CHAT_EVENT.LOG_TRANSACTION)))
        .and(CHAT_EVENT.LOG_NUMBER.eq(column(doomed, CHAT_EVENT.LOG_NUMBER)));
  }

  private static Query deliveries() {
    CommonTableExpression<?> doomed =
        name("doomed")
            .asMaterialized(
                select(
                        WEBHOOK_DELIVERY.ENDPOINT_ID,
                        WEBHOOK_DELIVERY.LOG_TRANSACTION,
                        WEBHOOK_DELIVERY.LOG_NUMBER,
                        WEBHOOK_DELIVERY.DELIVERY_ID)
                    .from(WEBHOOK_DELIVERY)
                    .where(chat(WEBHOOK_DELIVERY).eq(chat()))
                    .and(WEBHOOK_DELIVERY.MESSAGE_CREATED_AT.le(THROUGH))
                    .limit(inline(MAX)));
    CommonTableExpression<?> deliveries =
        name("removed_deliveries")
            .as(
                deleteFrom(WEBHOOK_DELIVERY)
                    .using(doomed)
                    .where(chat(WEBHOOK_DELIVERY).eq(chat()))
                    .and(
                        WEBHOOK_DELIVERY.ENDPOINT_ID.eq(
                            column(doomed, WEBHOOK_DELIVERY.ENDPOINT_ID)))
                    .and(
                        WEBHOOK_DELIVERY.LOG_TRANSACTION.eq(
                            column(doomed, WEBHOOK_DELIVERY.LOG_TRANSACTION)))
                    .and(
                        WEBHOOK_DELIVERY.LOG_NUMBER.eq(column(doomed, WEBHOOK_DELIVERY.LOG_NUMBER)))
                    .returning(WEBHOOK_DELIVERY.DELIVERY_ID));
    CommonTableExpression<?> attempts =
        name("removed_attempts")
            .as(
                deleteFrom(WEBHOOK_ATTEMPT)
                    .using(doomed)
                    .where(chat(WEBHOOK_ATTEMPT).eq(chat()))
                    .and(
                        WEBHOOK_ATTEMPT.DELIVERY_ID.eq(
                            column(doomed, WEBHOOK_DELIVERY.DELIVERY_ID)))
                    .returning(WEBHOOK_ATTEMPT.DELIVERY_ID));
    return with(doomed)
        .with(deliveries)
        .with(attempts)
        .select(
            field(select(count()).from(deliveries)).as(DELIVERY_COUNT.getName()),
            field(select(count()).from(attempts)).as(ATTEMPT_COUNT.getName()));
  }

  private static Query messages() {
    CommonTableExpression<?> doomed =
        name("doomed")
            .as(
                select(MESSAGE.CREATED_AT)
                    .from(MESSAGE)
                    .where(chat(MESSAGE).eq(chat()))
                    .and(MESSAGE.CREATED_AT.le(THROUGH))
                    .limit(inline(MAX)));
    Field<Integer> length = field(name("length"), SQLDataType.INTEGER);
    CommonTableExpression<?> messages =
        name("removed_messages")
            .as(
                deleteFrom(MESSAGE)
                    .using(doomed)
                    .where(chat(MESSAGE).eq(chat()))
                    .and(MESSAGE.CREATED_AT.eq(column(doomed, MESSAGE.CREATED_AT)))
                    .returning(octetLength(MESSAGE.TEXT).as(length.getName())));
    return with(doomed)
        .with(messages)
        .select(
            count().as(MESSAGE_COUNT.getName()),
            coalesce(sum(column(messages, length)).cast(SQLDataType.BIGINT), inline(0L))
                .as(TEXT_BYTES.getName()))
        .from(messages);
  }

  /**
   * Removes what one transaction may. The transaction holds the locks of the chat and the cursor.
   */
  static Batch upTo(Connection connection, ChatId chat, Instant through) throws SQLException {
    LOCK_LANES.bind().chat(chat).lock(connection);
    int events = bind(EVENTS, chat, through).execute(connection);
    if (events == MAX) {
      return new Batch(new Removed(0, events, 0, 0, 0, 0), 0, false);
    }
    Removed ofDeliveries =
        bind(DELIVERIES, chat, through)
            .read(
                connection,
                row ->
                    new Removed(
                        0, events, DELIVERIES_REMOVED.get(row), ATTEMPTS_REMOVED.get(row), 0, 0))
            .getFirst();
    if (ofDeliveries.deliveries() == MAX) {
      return new Batch(ofDeliveries, 0, false);
    }
    return bind(MESSAGES, chat, through)
        .read(
            connection,
            row -> {
              int messages = MESSAGES_REMOVED.get(row);
              return new Batch(
                  new Removed(
                      messages, events, ofDeliveries.deliveries(), ofDeliveries.attempts(), 0, 0),
                  BYTES_REMOVED.get(row),
                  messages < MAX);
            })
        .getFirst();
  }

  /** Removes what is left of a chat whose messages are gone. Counts markers and sessions. */
  static Removed rest(Connection connection, ChatId chat, Instant through) throws SQLException {
    int _ = LANES.bind().chat(chat).execute(connection);
    int markers = bind(READ_MARKERS, chat, through).execute(connection);
    int sessions = SESSIONS.bind().chat(chat).execute(connection);
    int links = LINKS.bind().chat(chat).execute(connection);
    if (EMPTY_CHAT.bind().chat(chat).execute(connection) == 0) {
      int _ = REST_OF_CHAT.bind().chat(chat).execute(connection);
    }
    return new Removed(0, 0, 0, 0, markers, (long) sessions + links);
  }

  /** Takes the texts out of the count for the quota of the instance, if there is one. */
  static void reduceUsage(Connection connection, ChatId chat, long bytes) throws SQLException {
    int _ = USAGE.bind().instance(chat.instance()).set(BYTES, bytes).execute(connection);
  }

  private static BoundStatement bind(SqlStatement statement, ChatId chat, Instant through) {
    return statement.bind().chat(chat).set(THROUGH, through);
  }
}
