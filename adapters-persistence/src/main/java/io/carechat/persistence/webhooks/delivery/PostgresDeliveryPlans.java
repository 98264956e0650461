package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.EVENT_CURSOR;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static org.jooq.impl.DSL.falseCondition;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectDistinct;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.update;
import static org.jooq.impl.DSL.when;
import static org.jooq.impl.DSL.with;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.delivery.DeliveryPlans;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.webhooks.EndpointSwitch;
import io.carechat.persistence.webhooks.WebhookKeys;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.RowCountQuery;
import org.jooq.impl.DSL;

/** Turns events into deliveries, each event once. */
public final class PostgresDeliveryPlans implements DeliveryPlans {
  private static final Param<Long> FROM_TRANSACTION = Parameters.bigint("from_transaction");
  private static final Param<Long> FROM_NUMBER = Parameters.bigint("from_number");
  private static final Param<Long> TO_TRANSACTION = Parameters.bigint("to_transaction");
  private static final Param<Long> TO_NUMBER = Parameters.bigint("to_number");
  private static final Param<Instant> NOW = Parameters.time("now");

  private static final Param<Instant> PLANNED_AT =
      DSL.param("planned_at", EVENT_CURSOR.PLANNED_AT.getDataType());

  private static final SqlStatement CURSOR =
      SqlStatement.of(
          select(EVENT_CURSOR.LOG_TRANSACTION, EVENT_CURSOR.LOG_NUMBER)
              .from(EVENT_CURSOR)
              .where(EVENT_CURSOR.CONSUMER.eq(EndpointSwitch.PLANNING)));

  private static final Column<Long> CURSOR_TRANSACTION =
      CURSOR.column(EVENT_CURSOR.LOG_TRANSACTION);
  private static final Column<Long> CURSOR_NUMBER = CURSOR.column(EVENT_CURSOR.LOG_NUMBER);

  /** Locks the cursor's row until the commit, and so all other planning, disabling and enabling. */
  private static final SqlStatement MOVE_CURSOR =
      SqlStatement.of(
          update(EVENT_CURSOR)
              .set(EVENT_CURSOR.LOG_TRANSACTION, TO_TRANSACTION)
              .set(EVENT_CURSOR.LOG_NUMBER, TO_NUMBER)
              .set(EVENT_CURSOR.PLANNED_AT, greatest(EVENT_CURSOR.PLANNED_AT, PLANNED_AT))
              .where(EVENT_CURSOR.CONSUMER.eq(EndpointSwitch.PLANNING))
              .and(EVENT_CURSOR.LOG_TRANSACTION.eq(FROM_TRANSACTION))
              .and(EVENT_CURSOR.LOG_NUMBER.eq(FROM_NUMBER))
              .returning(EVENT_CURSOR.PLANNED_AT));

  private static final Column<Instant> MOVED_AT = MOVE_CURSOR.column(EVENT_CURSOR.PLANNED_AT);

  private static final GivenRows GIVEN =
      GivenRows.of(
          "given",
          WEBHOOK_DELIVERY.TENANT_NAME,
          WEBHOOK_DELIVERY.INSTANCE_NAME,
          WEBHOOK_DELIVERY.PATIENT_ID,
          WEBHOOK_DELIVERY.ENDPOINT_ID,
          WEBHOOK_DELIVERY.LOG_TRANSACTION,
          WEBHOOK_DELIVERY.LOG_NUMBER,
          WEBHOOK_DELIVERY.DELIVERY_ID,
          WEBHOOK_DELIVERY.MESSAGE_CREATED_AT,
          WEBHOOK_DELIVERY.PATIENT_URL);

  private static final SqlStatement INSERT = SqlStatement.of(insertDeliveries());

  private final Connections connections;

  public PostgresDeliveryPlans(Connections connections) {
    this.connections = connections;
  }

  /**
   * A lane that exists keeps its time, but is locked, which is the purpose of the WHERE that is
   * never true. A transaction that settles the lane's last delivery, and would remove the lane,
   * then waits and finds the new delivery. Or it was first, and then the lane is made again. Lanes
   * are locked in the same order everywhere. The lanes of a disabled endpoint have an infinite due
   * time, out of the way of claims.
   */
  private static RowCountQuery insertLanes() {
    return insertInto(
            WEBHOOK_LANE,
            WEBHOOK_LANE.TENANT_NAME,
            WEBHOOK_LANE.INSTANCE_NAME,
            WEBHOOK_LANE.PATIENT_ID,
            WEBHOOK_LANE.ENDPOINT_ID,
            WEBHOOK_LANE.DUE_AT)
        .select(
            selectDistinct(
                    GIVEN.field(WEBHOOK_DELIVERY.TENANT_NAME),
                    GIVEN.field(WEBHOOK_DELIVERY.INSTANCE_NAME),
                    GIVEN.field(WEBHOOK_DELIVERY.PATIENT_ID),
                    GIVEN.field(WEBHOOK_DELIVERY.ENDPOINT_ID),
                    when(DisabledEndpoints.doNotContain(WebhookKeys.endpoint(GIVEN.table())), NOW)
                        .otherwise(Sql.INFINITY))
                .from(table(name("given")))
                .orderBy(
                    GIVEN.field(WEBHOOK_DELIVERY.TENANT_NAME),
                    GIVEN.field(WEBHOOK_DELIVERY.INSTANCE_NAME),
                    GIVEN.field(WEBHOOK_DELIVERY.PATIENT_ID),
                    GIVEN.field(WEBHOOK_DELIVERY.ENDPOINT_ID)))
        .onConflict(
            WEBHOOK_LANE.TENANT_NAME,
            WEBHOOK_LANE.INSTANCE_NAME,
            WEBHOOK_LANE.PATIENT_ID,
            WEBHOOK_LANE.ENDPOINT_ID)
        .doUpdate()
        .set(WEBHOOK_LANE.DUE_AT, WEBHOOK_LANE.DUE_AT)
        .where(falseCondition());
  }

  private static Query insertDeliveries() {
    return with(GIVEN.expression())
        .with(Sql.effect(name("lanes"), insertLanes()))
        .insertInto(
            WEBHOOK_DELIVERY,
            WEBHOOK_DELIVERY.TENANT_NAME,
            WEBHOOK_DELIVERY.INSTANCE_NAME,
            WEBHOOK_DELIVERY.PATIENT_ID,
            WEBHOOK_DELIVERY.ENDPOINT_ID,
            WEBHOOK_DELIVERY.LOG_TRANSACTION,
            WEBHOOK_DELIVERY.LOG_NUMBER,
            WEBHOOK_DELIVERY.DELIVERY_ID,
            WEBHOOK_DELIVERY.MESSAGE_CREATED_AT,
            WEBHOOK_DELIVERY.PATIENT_URL,
            WEBHOOK_DELIVERY.STATE,
            WEBHOOK_DELIVERY.ATTEMPTS,
            WEBHOOK_DELIVERY.CREATED_AT)
        .select(
            select(
                    GIVEN.field(WEBHOOK_DELIVERY.TENANT_NAME),
                    GIVEN.field(WEBHOOK_DELIVERY.INSTANCE_NAME),
                    GIVEN.field(WEBHOOK_DELIVERY.PATIENT_ID),
                    GIVEN.field(WEBHOOK_DELIVERY.ENDPOINT_ID),
                    GIVEN.field(WEBHOOK_DELIVERY.LOG_TRANSACTION),
                    GIVEN.field(WEBHOOK_DELIVERY.LOG_NUMBER),
                    GIVEN.field(WEBHOOK_DELIVERY.DELIVERY_ID),
                    GIVEN.field(WEBHOOK_DELIVERY.MESSAGE_CREATED_AT),
                    GIVEN.field(WEBHOOK_DELIVERY.PATIENT_URL),
                    inline(DeliveryState.PENDING.name()),
                    inline(0),
                    PLANNED_AT)
                .from(table(name("given"))));
  }

  @Override
  public LogPosition plannedUpTo() {
    return connections
        .read(
            CURSOR.bind(),
            row -> new LogPosition(CURSOR_TRANSACTION.get(row), CURSOR_NUMBER.get(row)))
        .getFirst();
  }

  @Override
  public boolean plan(LogPosition from, LogPosition to, List<NewDelivery> deliveries, Instant now) {
    BoundStatement move =
        MOVE_CURSOR
            .bind()
            .set(FROM_TRANSACTION, from.transaction())
            .set(FROM_NUMBER, from.number())
            .set(TO_TRANSACTION, to.transaction())
            .set(TO_NUMBER, to.number())
            .set(PLANNED_AT, now.truncatedTo(ChronoUnit.MILLIS));
    return connections.inTransaction(connection -> {
      Optional<Instant> plannedAt = move.readFirst(connection, MOVED_AT::get);
      if (plannedAt.isPresent() && !deliveries.isEmpty()) {
        int _ = bind(deliveries, now, plannedAt.get()).execute(connection);
      }
      return plannedAt.isPresent();
    });
  }

  private static BoundStatement bind(List<NewDelivery> rows, Instant now, Instant plannedAt) {
    return INSERT
        .bind()
        .set(GIVEN, WEBHOOK_DELIVERY.TENANT_NAME, rows, each -> instance(each).tenantName())
        .set(GIVEN, WEBHOOK_DELIVERY.INSTANCE_NAME, rows, each -> instance(each).instanceName())
        .set(
            GIVEN,
            WEBHOOK_DELIVERY.PATIENT_ID,
            rows,
            each -> each.message().chat().patient().value())
        .set(GIVEN, WEBHOOK_DELIVERY.ENDPOINT_ID, rows, each -> each.endpointId().value())
        .set(GIVEN, WEBHOOK_DELIVERY.LOG_TRANSACTION, rows, each -> each.position().transaction())
        .set(GIVEN, WEBHOOK_DELIVERY.LOG_NUMBER, rows, each -> each.position().number())
        .set(GIVEN, WEBHOOK_DELIVERY.DELIVERY_ID, rows, each -> each.id().value())
        .set(GIVEN, WEBHOOK_DELIVERY.MESSAGE_CREATED_AT, rows, each -> each.message().createdAt())
        .set(GIVEN, WEBHOOK_DELIVERY.PATIENT_URL, rows, each -> each.patientUrl().toString())
        .set(NOW, now)
        .set(PLANNED_AT, plannedAt);
  }

  private static TenantInstance instance(NewDelivery delivery) {
    return delivery.message().chat().instance();
  }
}
