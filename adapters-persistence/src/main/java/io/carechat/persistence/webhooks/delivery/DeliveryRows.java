package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_DISABLED;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static io.carechat.persistence.webhooks.WebhookKeys.lane;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.trueCondition;
import static org.jooq.impl.DSL.when;
import static org.jooq.impl.DSL.with;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jooq.CommonTableExpression;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/**
 * A statement that reads the deliveries that another query selects, newest first, with what a
 * partner sees of them. Immutable.
 */
final class DeliveryRows implements RowMapper<Delivery> {
  private static final Field<Instant> NEXT_ATTEMPT_AT =
      field(name("next_attempt_at"), WEBHOOK_DELIVERY.NOT_BEFORE.getDataType());
  private static final Field<UUID> WAITS_FOR = field(name("waits_for"), SQLDataType.UUID);

  private final SqlStatement statement;
  private final Column<UUID> id;
  private final Column<String> endpointId;
  private final Column<Long> transaction;
  private final Column<Long> number;
  private final Column<String> type;
  private final RowMapper<ChatId> chat;
  private final Column<UUID> message;
  private final Column<String> state;
  private final Column<Integer> attempts;
  private final Column<Instant> createdAt;
  private final Column<Instant> redeliveredAt;
  private final Column<Instant> nextAttemptAt;
  private final Column<UUID> waitsFor;

  /**
   * @param deliveries with all columns of the table of deliveries
   */
  DeliveryRows(Select<Record> deliveries) {
    statement = SqlStatement.ofInstance(query(name("page").as(deliveries)));
    id = statement.column(WEBHOOK_DELIVERY.DELIVERY_ID);
    endpointId = statement.column(WEBHOOK_DELIVERY.ENDPOINT_ID);
    transaction = statement.column(WEBHOOK_DELIVERY.LOG_TRANSACTION);
    number = statement.column(WEBHOOK_DELIVERY.LOG_NUMBER);
    type = statement.column(CHAT_EVENT.TYPE);
    chat = ChatKeys.chats(statement);
    message = statement.column(MESSAGE.EXTERNAL_ID);
    state = statement.column(WEBHOOK_DELIVERY.STATE);
    attempts = statement.column(WEBHOOK_DELIVERY.ATTEMPTS);
    createdAt = statement.column(WEBHOOK_DELIVERY.CREATED_AT);
    redeliveredAt = statement.column(WEBHOOK_DELIVERY.REDELIVERED_AT);
    nextAttemptAt = statement.column(NEXT_ATTEMPT_AT);
    waitsFor = statement.column(WAITS_FOR);
  }

  private static Query query(CommonTableExpression<?> page) {
    Table<?> first =
        lateral(
                select(WEBHOOK_DELIVERY.DELIVERY_ID)
                    .from(WEBHOOK_DELIVERY)
                    .where(
                        column(page, WEBHOOK_DELIVERY.STATE)
                            .eq(inline(DeliveryState.PENDING.name())))
                    .and(lane(WEBHOOK_DELIVERY).eq(lane(page)))
                    .and(WEBHOOK_DELIVERY.STATE.eq(inline(DeliveryState.PENDING.name())))
                    .orderBy(WEBHOOK_DELIVERY.LOG_TRANSACTION, WEBHOOK_DELIVERY.LOG_NUMBER)
                    .limit(inline(1)))
            .as("first");
    Field<UUID> firstId = column(first, WEBHOOK_DELIVERY.DELIVERY_ID);
    Field<UUID> id = column(page, WEBHOOK_DELIVERY.DELIVERY_ID);
    Field<Instant> createdAt = column(page, WEBHOOK_DELIVERY.CREATED_AT);
    Field<Instant> redeliveredAt = column(page, WEBHOOK_DELIVERY.REDELIVERED_AT);
    return with(page)
        .select(
            column(page, WEBHOOK_DELIVERY.TENANT_NAME),
            column(page, WEBHOOK_DELIVERY.INSTANCE_NAME),
            column(page, WEBHOOK_DELIVERY.PATIENT_ID),
            column(page, WEBHOOK_DELIVERY.ENDPOINT_ID),
            id,
            column(page, WEBHOOK_DELIVERY.LOG_TRANSACTION),
            column(page, WEBHOOK_DELIVERY.LOG_NUMBER),
            column(page, WEBHOOK_DELIVERY.STATE),
            column(page, WEBHOOK_DELIVERY.ATTEMPTS),
            createdAt,
            redeliveredAt,
            CHAT_EVENT.TYPE,
            MESSAGE.EXTERNAL_ID,
            when(
                    firstId.eq(id).and(WEBHOOK_ENDPOINT_DISABLED.ENDPOINT_ID.isNull()),
                    coalesce(
                        column(page, WEBHOOK_DELIVERY.NOT_BEFORE),
                        greatest(createdAt, redeliveredAt)))
                .as(NEXT_ATTEMPT_AT),
            when(firstId.ne(id), firstId).as(WAITS_FOR))
        .from(page)
        .join(CHAT_EVENT)
        .on(chat(CHAT_EVENT).eq(chat(page)))
        .and(CHAT_EVENT.LOG_TRANSACTION.eq(column(page, WEBHOOK_DELIVERY.LOG_TRANSACTION)))
        .and(CHAT_EVENT.LOG_NUMBER.eq(column(page, WEBHOOK_DELIVERY.LOG_NUMBER)))
        .join(MESSAGE)
        .on(chat(MESSAGE).eq(chat(page)))
        .and(MESSAGE.CREATED_AT.eq(column(page, WEBHOOK_DELIVERY.MESSAGE_CREATED_AT)))
        .leftJoin(first)
        .on(trueCondition())
        .leftJoin(WEBHOOK_ENDPOINT_DISABLED)
        .on(endpoint(WEBHOOK_ENDPOINT_DISABLED).eq(endpoint(page)))
        .orderBy(
            createdAt.desc(),
            column(page, WEBHOOK_DELIVERY.LOG_TRANSACTION).desc(),
            column(page, WEBHOOK_DELIVERY.LOG_NUMBER).desc());
  }

  /** Begins to set the parameters of the query that selects the deliveries. */
  BoundStatement bind() {
    return statement.bind();
  }

  @Override
  public Delivery map(ResultSet row) throws SQLException {
    UUID first = waitsFor.getOrNull(row);
    return new Delivery(
        new DeliveryId(id.get(row)),
        new EndpointId(endpointId.get(row)),
        new LogPosition(transaction.get(row), number.get(row)),
        WebhookEventType.valueOf(type.get(row)),
        chat.map(row),
        new ExternalId(message.get(row)),
        DeliveryState.valueOf(state.get(row)),
        attempts.get(row),
        createdAt.get(row),
        redeliveredAt.getOrNull(row),
        nextAttemptAt.getOrNull(row),
        first == null ? null : new DeliveryId(first));
  }
}
