package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.EVENT_CURSOR;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static io.carechat.persistence.webhooks.WebhookKeys.lane;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.falseCondition;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.trueCondition;
import static org.jooq.impl.DSL.update;
import static org.jooq.impl.DSL.with;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.domain.webhooks.delivery.Redeliveries;
import io.carechat.persistence.generated.tables.WebhookDelivery;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.webhooks.EndpointSwitch;
import io.carechat.persistence.webhooks.LaneChanges;
import io.carechat.persistence.webhooks.WebhookKeys;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.jooq.CommonTableExpression;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Table;
import org.jooq.UpdateConditionStep;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/**
 * Makes deliveries pending again. A lane gives its first pending delivery, so a delivery that was
 * made pending is at its right position by itself. But all that is to be redelivered of a chat is
 * made pending in one transaction, or a later delivery could come in between.
 */
public final class PostgresRedeliveries implements Redeliveries {
  private static final Param<UUID> DELIVERY = Parameters.uuid("delivery");
  private static final Param<Instant> NOW = Parameters.time("now");

  private static final Param<Instant> REDELIVERED_AT =
      Parameters.like(WEBHOOK_DELIVERY.REDELIVERED_AT);

  /** The patients of the chats whose lanes a transaction has locked. */
  private static final GivenRows GIVEN = GivenRows.of("given", WEBHOOK_LANE.PATIENT_ID);

  /** Excludes enabling and disabling, so that no lane is left waiting for ever. */
  private static final SqlStatement LOCK_CURSOR =
      SqlStatement.of(
          selectOne()
              .from(EVENT_CURSOR)
              .where(EVENT_CURSOR.CONSUMER.eq(EndpointSwitch.PLANNING))
              .forShare());

  /**
   * Makes the lanes or locks them, in one order, as everywhere. Transactions that settle or plan
   * wait, or were first.
   */
  private static final SqlStatement LOCK_LANES =
      SqlStatement.of(
          insertInto(
                  WEBHOOK_LANE,
                  WEBHOOK_LANE.TENANT_NAME,
                  WEBHOOK_LANE.INSTANCE_NAME,
                  WEBHOOK_LANE.PATIENT_ID,
                  WEBHOOK_LANE.ENDPOINT_ID,
                  WEBHOOK_LANE.DUE_AT)
              .select(
                  select(
                          Parameters.TENANT,
                          Parameters.INSTANCE,
                          GIVEN.field(WEBHOOK_LANE.PATIENT_ID),
                          WebhookKeys.ENDPOINT,
                          Sql.INFINITY)
                      .from(GIVEN.table())
                      .orderBy(GIVEN.field(WEBHOOK_LANE.PATIENT_ID)))
              .onConflict(
                  WEBHOOK_LANE.TENANT_NAME,
                  WEBHOOK_LANE.INSTANCE_NAME,
                  WEBHOOK_LANE.PATIENT_ID,
                  WEBHOOK_LANE.ENDPOINT_ID)
              .doUpdate()
              .set(WEBHOOK_LANE.DUE_AT, WEBHOOK_LANE.DUE_AT)
              .where(falseCondition()));

  private static final SqlStatement RENEW_ONE =
      SqlStatement.of(renew().and(WEBHOOK_DELIVERY.DELIVERY_ID.eq(DELIVERY)));

  private static final SqlStatement RENEW_OF_BATCH =
      SqlStatement.of(renew().and(BatchRedelivery.isConcerned()));

  private static final SqlStatement FREE_LANES = SqlStatement.of(freeLanes());

  private static final SqlStatement PATIENT =
      SqlStatement.of(
          select(WEBHOOK_DELIVERY.PATIENT_ID)
              .from(WEBHOOK_DELIVERY)
              .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
              .and(WEBHOOK_DELIVERY.DELIVERY_ID.eq(DELIVERY)));

  private static final Column<UUID> PATIENT_ID = PATIENT.column(WEBHOOK_DELIVERY.PATIENT_ID);

  private static final Field<UUID> FIRST_ID = field(name("first_id"), SQLDataType.UUID);
  private static final Field<UUID> CLAIM = field(name("claim"), SQLDataType.UUID);
  private static final SqlStatement STATUS = SqlStatement.of(status());
  private static final Column<String> STATUS_STATE = STATUS.column(WEBHOOK_DELIVERY.STATE);
  private static final Column<UUID> STATUS_FIRST = STATUS.column(FIRST_ID);
  private static final Column<UUID> STATUS_CLAIM = STATUS.column(CLAIM);

  private static final SqlStatement MAKE_DUE =
      SqlStatement.of(
          update(WEBHOOK_DELIVERY)
              .set(WEBHOOK_DELIVERY.NOT_BEFORE, castNull(WEBHOOK_DELIVERY.NOT_BEFORE))
              .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
              .and(WEBHOOK_DELIVERY.DELIVERY_ID.eq(DELIVERY))
              .and(isPending(WEBHOOK_DELIVERY)));

  private final Connections connections;
  private final LaneChanges lanes;

  public PostgresRedeliveries(Connections connections) {
    this.connections = connections;
    this.lanes = new LaneChanges(connections);
  }

  private static Condition isPending(WebhookDelivery delivery) {
    return delivery.STATE.eq(inline(DeliveryState.PENDING.name()));
  }

  private static UpdateConditionStep<?> renew() {
    return update(WEBHOOK_DELIVERY)
        .set(WEBHOOK_DELIVERY.STATE, inline(DeliveryState.PENDING.name()))
        .set(WEBHOOK_DELIVERY.ATTEMPTS_BEFORE, WEBHOOK_DELIVERY.ATTEMPTS)
        .set(WEBHOOK_DELIVERY.NOT_BEFORE, castNull(WEBHOOK_DELIVERY.NOT_BEFORE))
        .set(WEBHOOK_DELIVERY.REDELIVERED_AT, REDELIVERED_AT)
        .from(GIVEN.table())
        .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
        .and(WEBHOOK_DELIVERY.PATIENT_ID.eq(GIVEN.field(WEBHOOK_LANE.PATIENT_ID)));
  }

  /**
   * To be run after deliveries became pending. A lane that nobody has claimed is due when its first
   * delivery is. If a delivery was redelivered and finished before its lane was locked, a lane
   * without any is left, and is removed.
   */
  private static Query freeLanes() {
    Table<?> pending =
        lateral(
                select(WEBHOOK_DELIVERY.DELIVERY_ID, WEBHOOK_DELIVERY.NOT_BEFORE)
                    .from(WEBHOOK_DELIVERY)
                    .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
                    .and(WEBHOOK_DELIVERY.PATIENT_ID.eq(GIVEN.field(WEBHOOK_LANE.PATIENT_ID)))
                    .and(isPending(WEBHOOK_DELIVERY))
                    .orderBy(WEBHOOK_DELIVERY.LOG_TRANSACTION, WEBHOOK_DELIVERY.LOG_NUMBER)
                    .limit(inline(1)))
            .as("pending");
    CommonTableExpression<?> first =
        name("first")
            .as(
                select(
                        GIVEN.field(WEBHOOK_LANE.PATIENT_ID),
                        column(pending, WEBHOOK_DELIVERY.DELIVERY_ID),
                        column(pending, WEBHOOK_DELIVERY.NOT_BEFORE))
                    .from(GIVEN.table())
                    .leftJoin(pending)
                    .on(trueCondition()));
    Condition isLaneOfFirst =
        endpoint(WEBHOOK_LANE)
            .eq(endpoint())
            .and(WEBHOOK_LANE.PATIENT_ID.eq(column(first, WEBHOOK_LANE.PATIENT_ID)));
    return with(first)
        .with(
            Sql.effect(
                name("ended"),
                deleteFrom(WEBHOOK_LANE)
                    .using(first)
                    .where(isLaneOfFirst)
                    .and(column(first, WEBHOOK_DELIVERY.DELIVERY_ID).isNull())))
        .update(WEBHOOK_LANE)
        .set(WEBHOOK_LANE.DUE_AT, coalesce(column(first, WEBHOOK_DELIVERY.NOT_BEFORE), NOW))
        .from(first)
        .where(isLaneOfFirst)
        .and(column(first, WEBHOOK_DELIVERY.DELIVERY_ID).isNotNull())
        .and(WEBHOOK_LANE.CLAIM.isNull())
        .and(DisabledEndpoints.doNotContain(endpoint(WEBHOOK_LANE)));
  }

  /** A delivery's state, the first pending delivery of its lane, and the lane's claim. */
  private static Query status() {
    WebhookDelivery first = WEBHOOK_DELIVERY.as("first");
    return select(
            WEBHOOK_DELIVERY.STATE,
            field(
                    select(first.DELIVERY_ID)
                        .from(first)
                        .where(lane(first).eq(lane(WEBHOOK_DELIVERY)))
                        .and(isPending(first))
                        .orderBy(first.LOG_TRANSACTION, first.LOG_NUMBER)
                        .limit(inline(1)))
                .as(FIRST_ID),
            field(
                    select(WEBHOOK_LANE.CLAIM)
                        .from(WEBHOOK_LANE)
                        .where(lane(WEBHOOK_LANE).eq(lane(WEBHOOK_DELIVERY))))
                .as(CLAIM))
        .from(WEBHOOK_DELIVERY)
        .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
        .and(WEBHOOK_DELIVERY.DELIVERY_ID.eq(DELIVERY));
  }

  private record Status(DeliveryState state, @Nullable UUID first, @Nullable UUID claim) {}

  // --- one

  @Override
  public Outcome redeliver(
      TenantInstance instance, EndpointId endpointId, DeliveryId id, Instant now) {
    return connections.inTransaction(connection -> {
      LOCK_CURSOR.bind().lock(connection);
      Optional<UUID> patient =
          bind(PATIENT, instance, endpointId, id).readFirst(connection, PATIENT_ID::get);
      if (patient.isEmpty()) {
        return new Outcome.NoSuchDelivery();
      }
      List<UUID> lane = List.of(patient.get());
      lockLanes(connection, instance, endpointId, lane);
      // Read only now that nobody else can settle it.
      Status status =
          bind(STATUS, instance, endpointId, id)
              .readFirst(
                  connection,
                  row ->
                      new Status(
                          DeliveryState.valueOf(STATUS_STATE.get(row)),
                          STATUS_FIRST.getOrNull(row),
                          STATUS_CLAIM.getOrNull(row)))
              .orElse(null);
      if (status == null) {
        freeLanes(connection, instance, endpointId, lane, now);
        return new Outcome.NoSuchDelivery();
      }
      if (status.state != DeliveryState.PENDING) {
        int _ =
            patients(bind(RENEW_ONE, instance, endpointId, id), lane)
                .set(REDELIVERED_AT, now.truncatedTo(ChronoUnit.MILLIS))
                .execute(connection);
      } else if (status.first != null && !status.first.equals(id.value())) {
        return new Outcome.WaitsFor(new DeliveryId(status.first));
      } else if (status.claim == null) {
        int _ = bind(MAKE_DUE, instance, endpointId, id).execute(connection);
      }
      freeLanes(connection, instance, endpointId, lane, now);
      return new Outcome.Due();
    });
  }

  private static BoundStatement bind(
      SqlStatement statement, TenantInstance instance, EndpointId endpointId, DeliveryId id) {
    return WebhookKeys.bind(statement.bind(), instance, endpointId).set(DELIVERY, id.value());
  }

  // --- many

  @Override
  public OptionalInt redeliverAll(
      TenantInstance instance,
      EndpointId endpointId,
      Redeliverable which,
      Instant since,
      Instant now) {
    return connections.inTransaction(
        connection -> BatchRedelivery.request(connection, instance, endpointId, which, since, now));
  }

  @Override
  public boolean continueBatch(int chats, Instant now) {
    boolean changed = lanes.continueBatch(now);
    return redeliverBatch(chats, now) || changed;
  }

  /** Goes on with any redelivery of many; false if there is none. */
  private boolean redeliverBatch(int chats, Instant now) {
    return connections.inTransaction(connection -> {
      BatchRedelivery redelivery = BatchRedelivery.lockNext(connection).orElse(null);
      if (redelivery == null) {
        return false;
      }
      BatchRedelivery.Batch batch = redelivery.nextBatch(connection, chats).orElse(null);
      if (batch == null) {
        redelivery.end(connection);
        return true;
      }
      TenantInstance instance = redelivery.instance();
      EndpointId endpointId = redelivery.endpointId();
      LOCK_CURSOR.bind().lock(connection);
      lockLanes(connection, instance, endpointId, batch.patients());
      int _ =
          patients(redelivery.bind(RENEW_OF_BATCH), batch.patients())
              .set(REDELIVERED_AT, redelivery.requestedAt())
              .execute(connection);
      freeLanes(connection, instance, endpointId, batch.patients(), now);
      redelivery.advance(connection, batch);
      return true;
    });
  }

  // --- lanes

  private static void lockLanes(
      Connection connection, TenantInstance instance, EndpointId endpointId, List<UUID> patients)
      throws SQLException {
    int _ =
        patients(WebhookKeys.bind(LOCK_LANES.bind(), instance, endpointId), patients)
            .execute(connection);
  }

  private static void freeLanes(
      Connection connection,
      TenantInstance instance,
      EndpointId endpointId,
      List<UUID> patients,
      Instant now)
      throws SQLException {
    int _ =
        patients(WebhookKeys.bind(FREE_LANES.bind(), instance, endpointId), patients)
            .set(NOW, now)
            .execute(connection);
  }

  private static BoundStatement patients(BoundStatement statement, List<UUID> patients) {
    return statement.set(GIVEN, WEBHOOK_LANE.PATIENT_ID, patients, patient -> patient);
  }
}
