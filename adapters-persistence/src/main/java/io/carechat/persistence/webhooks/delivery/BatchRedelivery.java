package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_REVISION;
import static io.carechat.persistence.generated.Tables.WEBHOOK_REDELIVERY;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.falseCondition;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.rand;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.update;
import static org.jooq.impl.DSL.uuid;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.domain.webhooks.delivery.Redeliveries;
import io.carechat.domain.webhooks.delivery.Redeliveries.Redeliverable;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.webhooks.WebhookKeys;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.SelectConditionStep;
import org.jooq.SelectSelectStep;
import org.jooq.Table;

/**
 * A redelivery of many deliveries of an endpoint, as it was requested, and how far it has come. It
 * walks over the deliveries in the order of the log, in batches.
 *
 * @param deliveredToo not only those that are dead
 * @param since only deliveries that were created then or later
 * @param requestedAt only deliveries that were created then or before, and not redelivered since
 * @param after the last delivery of the former batch
 */
record BatchRedelivery(
    UUID id,
    TenantInstance instance,
    EndpointId endpointId,
    boolean deliveredToo,
    Instant since,
    Instant requestedAt,
    Delivery.Key after) {
  /** The chats of a batch, by their patients, and its last delivery. */
  record Batch(List<UUID> patients, Delivery.Key last) {}

  private static final Param<UUID> ID = Parameters.uuid("redelivery");
  private static final Param<Boolean> DELIVERED_TOO = Parameters.bool("delivered_too");
  private static final Param<Instant> SINCE = Parameters.time("since");
  private static final Param<Instant> REQUESTED_AT = Parameters.time("requested_at");
  private static final Param<Instant> AFTER_CREATED_AT = Parameters.time("after_created_at");
  private static final Param<Long> AFTER_TRANSACTION = Parameters.bigint("after_transaction");
  private static final Param<Long> AFTER_NUMBER = Parameters.bigint("after_number");

  private static final SqlStatement REQUEST =
      SqlStatement.of(
          insertInto(WEBHOOK_REDELIVERY)
              .set(WEBHOOK_REDELIVERY.TENANT_NAME, Parameters.TENANT)
              .set(WEBHOOK_REDELIVERY.INSTANCE_NAME, Parameters.INSTANCE)
              .set(WEBHOOK_REDELIVERY.REDELIVERY_ID, uuid())
              .set(WEBHOOK_REDELIVERY.ENDPOINT_ID, WebhookKeys.ENDPOINT)
              .set(WEBHOOK_REDELIVERY.DELIVERED_TOO, DELIVERED_TOO)
              .set(WEBHOOK_REDELIVERY.SINCE, SINCE)
              .set(WEBHOOK_REDELIVERY.ASKED_AT, REQUESTED_AT)
              .set(WEBHOOK_REDELIVERY.AFTER_CREATED_AT, AFTER_CREATED_AT)
              .set(WEBHOOK_REDELIVERY.AFTER_TRANSACTION, inline(0L))
              .set(WEBHOOK_REDELIVERY.AFTER_NUMBER, inline(0L)));

  private static final SqlStatement OF_ENDPOINT =
      SqlStatement.of(
          select(WEBHOOK_REDELIVERY.REDELIVERY_ID)
              .from(WEBHOOK_REDELIVERY)
              .where(endpoint(WEBHOOK_REDELIVERY).eq(endpoint()))
              .limit(inline(1)));

  private static final Column<UUID> OF_ENDPOINT_ID =
      OF_ENDPOINT.column(WEBHOOK_REDELIVERY.REDELIVERY_ID);

  /** Serialises requests. Changes of endpoints wait too, but only for one insert. */
  private static final SqlStatement LOCK =
      SqlStatement.of(
          selectOne()
              .from(WEBHOOK_ENDPOINT_REVISION)
              .where(WEBHOOK_ENDPOINT_REVISION.ONLY_ROW)
              .forUpdate());

  private static final SqlStatement COUNT = SqlStatement.of(countConcerned());
  private static final Column<Integer> COUNTED = COUNT.column(count());

  /** In no order. So two nodes take different ones, and one that fails keeps no other waiting. */
  private static final SqlStatement NEXT =
      SqlStatement.of(
          select(WEBHOOK_REDELIVERY.fields())
              .from(WEBHOOK_REDELIVERY)
              .orderBy(rand())
              .limit(inline(1))
              .forUpdate()
              .skipLocked());

  private static final RowMapper<BatchRedelivery> NEXT_REDELIVERY = redeliveries(NEXT);

  private static final SqlStatement NEXT_DELIVERIES = SqlStatement.of(nextDeliveries());
  private static final RowMapper<Next> NEXT_DELIVERY = deliveries(NEXT_DELIVERIES);

  private static final SqlStatement ADVANCE =
      SqlStatement.of(
          update(WEBHOOK_REDELIVERY)
              .set(WEBHOOK_REDELIVERY.AFTER_CREATED_AT, AFTER_CREATED_AT)
              .set(WEBHOOK_REDELIVERY.AFTER_TRANSACTION, AFTER_TRANSACTION)
              .set(WEBHOOK_REDELIVERY.AFTER_NUMBER, AFTER_NUMBER)
              .where(isThisOne()));

  private static final SqlStatement END =
      SqlStatement.of(deleteFrom(WEBHOOK_REDELIVERY).where(isThisOne()));

  private record Next(UUID patient, Delivery.Key key) {}

  private static Condition isThisOne() {
    return WEBHOOK_REDELIVERY
        .TENANT_NAME
        .eq(Parameters.TENANT)
        .and(WEBHOOK_REDELIVERY.INSTANCE_NAME.eq(Parameters.INSTANCE))
        .and(WEBHOOK_REDELIVERY.REDELIVERY_ID.eq(ID));
  }

  /** Whether a delivery of the endpoint is to be redelivered. Its parameters: {@link #bind}. */
  static Condition isConcerned() {
    return isIn(DeliveryState.DEAD)
        .or(isIn(DeliveryState.DELIVERED))
        .and(WEBHOOK_DELIVERY.CREATED_AT.ge(SINCE))
        .and(WEBHOOK_DELIVERY.CREATED_AT.le(REQUESTED_AT))
        .and(wasNotRedeliveredSince());
  }

  /** Whether a delivery is in a state, and deliveries in that state are concerned. */
  private static Condition isIn(DeliveryState state) {
    Condition isIn = WEBHOOK_DELIVERY.STATE.eq(inline(state.name()));
    return switch (state) {
      case DEAD -> isIn;
      case DELIVERED -> isIn.and(DELIVERED_TOO);
      case PENDING -> falseCondition();
    };
  }

  private static Condition wasNotRedeliveredSince() {
    return WEBHOOK_DELIVERY
        .REDELIVERED_AT
        .isNull()
        .or(WEBHOOK_DELIVERY.REDELIVERED_AT.lt(REQUESTED_AT));
  }

  private static <R extends Record> SelectConditionStep<R> concerned(
      SelectSelectStep<R> columns, DeliveryState state) {
    return columns
        .from(WEBHOOK_DELIVERY)
        .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
        .and(isIn(state))
        .and(WEBHOOK_DELIVERY.CREATED_AT.ge(SINCE))
        .and(WEBHOOK_DELIVERY.CREATED_AT.le(REQUESTED_AT));
  }

  private static Query countConcerned() {
    Table<?> concerned =
        concerned(selectOne(), DeliveryState.DEAD)
            .limit(Parameters.LIMIT)
            .unionAll(concerned(selectOne(), DeliveryState.DELIVERED).limit(Parameters.LIMIT))
            .asTable("concerned");
    return select(count()).from(concerned);
  }

  private static Query nextDeliveries() {
    Table<?> next =
        nextIn(DeliveryState.DEAD).unionAll(nextIn(DeliveryState.DELIVERED)).asTable("next");
    return select(
            column(next, WEBHOOK_DELIVERY.PATIENT_ID),
            column(next, WEBHOOK_DELIVERY.CREATED_AT),
            column(next, WEBHOOK_DELIVERY.LOG_TRANSACTION),
            column(next, WEBHOOK_DELIVERY.LOG_NUMBER))
        .from(next)
        .orderBy(
            column(next, WEBHOOK_DELIVERY.CREATED_AT),
            column(next, WEBHOOK_DELIVERY.LOG_TRANSACTION),
            column(next, WEBHOOK_DELIVERY.LOG_NUMBER))
        .limit(Parameters.LIMIT);
  }

  private static Select<Record> nextIn(DeliveryState state) {
    return concerned(
            select(
                List.of(
                    WEBHOOK_DELIVERY.PATIENT_ID,
                    WEBHOOK_DELIVERY.CREATED_AT,
                    WEBHOOK_DELIVERY.LOG_TRANSACTION,
                    WEBHOOK_DELIVERY.LOG_NUMBER)),
            state)
        .and(
            row(
                    WEBHOOK_DELIVERY.CREATED_AT,
                    WEBHOOK_DELIVERY.LOG_TRANSACTION,
                    WEBHOOK_DELIVERY.LOG_NUMBER)
                .gt(row(AFTER_CREATED_AT, AFTER_TRANSACTION, AFTER_NUMBER)))
        .and(wasNotRedeliveredSince())
        .orderBy(
            WEBHOOK_DELIVERY.CREATED_AT,
            WEBHOOK_DELIVERY.LOG_TRANSACTION,
            WEBHOOK_DELIVERY.LOG_NUMBER)
        .limit(Parameters.LIMIT);
  }

  /**
   * Requests one, and counts the deliveries that are concerned now.
   *
   * @return empty if there is one already that is not finished
   */
  static OptionalInt request(
      Connection connection,
      TenantInstance instance,
      EndpointId endpointId,
      Redeliverable which,
      Instant since,
      Instant now)
      throws SQLException {
    if (isUnfinished(connection, instance, endpointId)) {
      return OptionalInt.empty();
    }
    Instant requestedAt = now.truncatedTo(ChronoUnit.MILLIS);
    boolean deliveredToo = which == Redeliverable.ALL;
    // Before the lock, because counting a million takes a while.
    int counted =
        bind(COUNT, instance, endpointId, deliveredToo, since, requestedAt)
            .set(Parameters.LIMIT, Redeliveries.MAX_COUNTED)
            .read(connection, COUNTED::get)
            .getFirst();
    LOCK.bind().lock(connection);
    if (isUnfinished(connection, instance, endpointId)) {
      return OptionalInt.empty();
    }
    int _ =
        bind(REQUEST, instance, endpointId, deliveredToo, since, requestedAt)
            .set(AFTER_CREATED_AT, since.minusSeconds(1))
            .execute(connection);
    return OptionalInt.of(Math.min(counted, Redeliveries.MAX_COUNTED));
  }

  private static boolean isUnfinished(
      Connection connection, TenantInstance instance, EndpointId endpointId) throws SQLException {
    return WebhookKeys.bind(OF_ENDPOINT.bind(), instance, endpointId)
        .readFirst(connection, OF_ENDPOINT_ID::get)
        .isPresent();
  }

  private static BoundStatement bind(
      SqlStatement statement,
      TenantInstance instance,
      EndpointId endpointId,
      boolean deliveredToo,
      Instant since,
      Instant requestedAt) {
    return WebhookKeys.bind(statement.bind(), instance, endpointId)
        .set(DELIVERED_TOO, deliveredToo)
        .set(SINCE, since)
        .set(REQUESTED_AT, requestedAt);
  }

  /** Locks any one that no other node is working on. */
  static Optional<BatchRedelivery> lockNext(Connection connection) throws SQLException {
    return NEXT.bind().readFirst(connection, NEXT_REDELIVERY);
  }

  private static RowMapper<BatchRedelivery> redeliveries(SqlStatement statement) {
    Column<UUID> id = statement.column(WEBHOOK_REDELIVERY.REDELIVERY_ID);
    RowMapper<TenantInstance> instance = ChatKeys.instances(statement);
    Column<String> endpoint = statement.column(WEBHOOK_REDELIVERY.ENDPOINT_ID);
    Column<Boolean> deliveredToo = statement.column(WEBHOOK_REDELIVERY.DELIVERED_TOO);
    Column<Instant> since = statement.column(WEBHOOK_REDELIVERY.SINCE);
    Column<Instant> requestedAt = statement.column(WEBHOOK_REDELIVERY.ASKED_AT);
    Column<Instant> createdAt = statement.column(WEBHOOK_REDELIVERY.AFTER_CREATED_AT);
    Column<Long> transaction = statement.column(WEBHOOK_REDELIVERY.AFTER_TRANSACTION);
    Column<Long> number = statement.column(WEBHOOK_REDELIVERY.AFTER_NUMBER);
    return row ->
        new BatchRedelivery(
            id.get(row),
            instance.map(row),
            new EndpointId(endpoint.get(row)),
            deliveredToo.get(row),
            since.get(row),
            requestedAt.get(row),
            new Delivery.Key(
                createdAt.get(row), new LogPosition(transaction.get(row), number.get(row))));
  }

  private static RowMapper<Next> deliveries(SqlStatement statement) {
    Column<UUID> patient = statement.column(WEBHOOK_DELIVERY.PATIENT_ID);
    Column<Instant> createdAt = statement.column(WEBHOOK_DELIVERY.CREATED_AT);
    Column<Long> transaction = statement.column(WEBHOOK_DELIVERY.LOG_TRANSACTION);
    Column<Long> number = statement.column(WEBHOOK_DELIVERY.LOG_NUMBER);
    return row ->
        new Next(
            patient.get(row),
            new Delivery.Key(
                createdAt.get(row), new LogPosition(transaction.get(row), number.get(row))));
  }

  /** Sets the parameters of {@link #isConcerned} and those of the endpoint. */
  BoundStatement bind(SqlStatement statement) {
    return bind(statement, instance, endpointId, deliveredToo, since, requestedAt);
  }

  /** Finds the chats of the next deliveries. Empty if there is nothing left to redeliver. */
  Optional<Batch> nextBatch(Connection connection, int chats) throws SQLException {
    List<Next> next =
        bind(NEXT_DELIVERIES)
            .set(AFTER_CREATED_AT, after.createdAt())
            .set(AFTER_TRANSACTION, after.event().transaction())
            .set(AFTER_NUMBER, after.event().number())
            .set(Parameters.LIMIT, chats)
            .read(connection, NEXT_DELIVERY);
    return next.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Batch(next.stream().map(Next::patient).distinct().toList(), next.getLast().key()));
  }

  /** Notes that a batch is done. */
  void advance(Connection connection, Batch batch) throws SQLException {
    int _ =
        ADVANCE
            .bind()
            .instance(instance)
            .set(ID, id)
            .set(AFTER_CREATED_AT, batch.last.createdAt())
            .set(AFTER_TRANSACTION, batch.last.event().transaction())
            .set(AFTER_NUMBER, batch.last.event().number())
            .execute(connection);
  }

  /** Notes that all of it is done. */
  void end(Connection connection) throws SQLException {
    int _ = END.bind().instance(instance).set(ID, id).execute(connection);
  }
}
