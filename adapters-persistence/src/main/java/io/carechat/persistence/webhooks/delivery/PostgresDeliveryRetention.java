package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.WEBHOOK_ATTEMPT;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static io.carechat.persistence.webhooks.WebhookKeys.lane;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.withRecursive;

import io.carechat.domain.webhooks.delivery.DeliveryRetention;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.webhooks.WebhookKeys;
import java.time.Instant;
import java.util.List;
import org.jooq.CommonTableExpression;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.RowCountQuery;
import org.jooq.Select;
import org.jooq.Table;

/** Removes what was delivered long ago. */
public final class PostgresDeliveryRetention implements DeliveryRetention {
  private static final Param<Instant> BEFORE = Parameters.time("before");
  private static final Field<Integer> REMOVED = count().as("removed");
  private static final SqlStatement FORGET = SqlStatement.of(forget());
  private static final Column<Integer> REMOVED_COUNT = FORGET.column(REMOVED);

  private final Connections connections;

  public PostgresDeliveryRetention(Connections connections) {
    this.connections = connections;
  }

  private static Query forget() {
    CommonTableExpression<?> endpoints = name("endpoint").as(endpoints(table(name("endpoint"))));
    CommonTableExpression<?> old = name("old").as(oldest(endpoints));
    CommonTableExpression<?> forgotten =
        name("forgotten")
            .as(
                deleteFrom(WEBHOOK_DELIVERY)
                    .using(old)
                    .where(lane(WEBHOOK_DELIVERY).eq(lane(old)))
                    .and(
                        WEBHOOK_DELIVERY.LOG_TRANSACTION.eq(
                            column(old, WEBHOOK_DELIVERY.LOG_TRANSACTION)))
                    .and(WEBHOOK_DELIVERY.LOG_NUMBER.eq(column(old, WEBHOOK_DELIVERY.LOG_NUMBER)))
                    // One that is just being redelivered is pending by the time that it is locked.
                    .and(isDelivered())
                    .returning(
                        WEBHOOK_DELIVERY.TENANT_NAME,
                        WEBHOOK_DELIVERY.INSTANCE_NAME,
                        WEBHOOK_DELIVERY.PATIENT_ID,
                        WEBHOOK_DELIVERY.DELIVERY_ID));
    RowCountQuery attempts =
        deleteFrom(WEBHOOK_ATTEMPT)
            .using(forgotten)
            .where(WebhookKeys.delivery(WEBHOOK_ATTEMPT).eq(WebhookKeys.delivery(forgotten)));
    return withRecursive(endpoints)
        .with(old)
        .with(forgotten)
        .with(Sql.effect(name("attempts"), attempts))
        .select(REMOVED)
        .from(forgotten);
  }

  /** Finds the endpoints one after the other, along the index that begins with them. */
  private static Select<Record> endpoints(Table<?> found) {
    List<Field<?>> key =
        List.of(
            WEBHOOK_DELIVERY.TENANT_NAME,
            WEBHOOK_DELIVERY.INSTANCE_NAME,
            WEBHOOK_DELIVERY.ENDPOINT_ID);
    Table<?> next =
        lateral(
                select(key)
                    .from(WEBHOOK_DELIVERY)
                    .where(endpoint(WEBHOOK_DELIVERY).gt(endpoint(found)))
                    .orderBy(key)
                    .limit(inline(1)))
            .as("next");
    return select(key)
        .from(WEBHOOK_DELIVERY)
        .orderBy(key)
        .limit(inline(1))
        .unionAll(select(Sql.columns(next, key)).from(found).crossJoin(next));
  }

  /** Of each endpoint its oldest deliveries. */
  private static Select<Record> oldest(Table<?> endpoints) {
    List<Field<?>> key =
        List.of(
            WEBHOOK_DELIVERY.TENANT_NAME,
            WEBHOOK_DELIVERY.INSTANCE_NAME,
            WEBHOOK_DELIVERY.PATIENT_ID,
            WEBHOOK_DELIVERY.ENDPOINT_ID,
            WEBHOOK_DELIVERY.LOG_TRANSACTION,
            WEBHOOK_DELIVERY.LOG_NUMBER);
    Table<?> oldest =
        lateral(
                select(key)
                    .from(WEBHOOK_DELIVERY)
                    .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint(endpoints)))
                    .and(isDelivered())
                    .and(WEBHOOK_DELIVERY.CREATED_AT.lt(BEFORE))
                    .orderBy(
                        WEBHOOK_DELIVERY.CREATED_AT,
                        WEBHOOK_DELIVERY.LOG_TRANSACTION,
                        WEBHOOK_DELIVERY.LOG_NUMBER)
                    .limit(Parameters.LIMIT))
            .as("oldest");
    return select(Sql.columns(oldest, key))
        .from(endpoints)
        .crossJoin(oldest)
        .limit(Parameters.LIMIT);
  }

  private static Condition isDelivered() {
    return WEBHOOK_DELIVERY.STATE.eq(inline(DeliveryState.DELIVERED.name()));
  }

  @Override
  public int forgetDelivered(Instant before, int limit) {
    return connections
        .read(FORGET.bind().set(BEFORE, before).set(Parameters.LIMIT, limit), REMOVED_COUNT::get)
        .getFirst();
  }
}
