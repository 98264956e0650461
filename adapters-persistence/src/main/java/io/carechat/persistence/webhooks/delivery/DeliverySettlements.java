package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ATTEMPT;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_FAILING;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static io.carechat.persistence.webhooks.WebhookKeys.lane;
import static org.jooq.impl.DSL.boolOr;
import static org.jooq.impl.DSL.case_;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.condition;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.max;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.not;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.trueCondition;
import static org.jooq.impl.DSL.update;
import static org.jooq.impl.DSL.uuid;
import static org.jooq.impl.DSL.when;
import static org.jooq.impl.DSL.with;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.persistence.generated.tables.WebhookDelivery;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.webhooks.delivery.Settlement.Effect;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jooq.CommonTableExpression;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.RowCountQuery;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.UpdateResultStep;
import org.jooq.impl.SQLDataType;

/** Records attempts and what follows from them, many in one transaction and one round trip. */
final class DeliverySettlements {
  private static final Field<String> EFFECT = field(name("effect"), SQLDataType.CLOB);

  private static final Field<Instant> NEXT_LEASE_UNTIL =
      field(name("next_lease_until"), WEBHOOK_LANE.DUE_AT.getDataType());

  private static final GivenRows GIVEN =
      GivenRows.of(
          "given",
          WEBHOOK_LANE.TENANT_NAME,
          WEBHOOK_LANE.INSTANCE_NAME,
          WEBHOOK_LANE.PATIENT_ID,
          WEBHOOK_LANE.ENDPOINT_ID,
          WEBHOOK_LANE.CLAIM,
          WEBHOOK_DELIVERY.DELIVERY_ID,
          EFFECT,
          WEBHOOK_DELIVERY.STATE,
          WEBHOOK_LANE.DUE_AT,
          WEBHOOK_ATTEMPT.ENDED_AT,
          WEBHOOK_ATTEMPT.TOOK_MS,
          WEBHOOK_ATTEMPT.STATUS,
          WEBHOOK_ATTEMPT.NOTE,
          NEXT_LEASE_UNTIL);

  private static final Field<UUID> SETTLED_CLAIM = field(name("settled_claim"), SQLDataType.UUID);
  private static final Field<Boolean> IS_SETTLED = field(name("is_settled"), SQLDataType.BOOLEAN);
  private static final Field<Boolean> WAITS = field(name("waits"), SQLDataType.BOOLEAN);
  private static final Field<Boolean> GOES_ON = field(name("goes_on"), SQLDataType.BOOLEAN);
  private static final Field<UUID> NEXT_ID = field(name("next_id"), SQLDataType.UUID);

  private static final Field<Instant> NEXT_AT =
      field(name("next_at"), WEBHOOK_LANE.DUE_AT.getDataType());

  private static final SqlStatement SETTLE = SqlStatement.of(lockLanes(), settle());
  private static final Column<UUID> RESULT_CLAIM = SETTLE.column(SETTLED_CLAIM);
  private static final Column<Boolean> RESULT_SETTLED = SETTLE.column(IS_SETTLED);
  private static final ClaimedColumns NEXT = new ClaimedColumns(SETTLE);

  private DeliverySettlements() {}

  /**
   * Locks the lanes, in the order in which all transactions lock lanes. The next query takes its
   * snapshot after that. A transaction that plans a delivery for one of the lanes has committed it
   * by then, or waits, and makes the lane again if it was removed.
   */
  private static Query lockLanes() {
    GivenRows lanes =
        GivenRows.of(
            "given",
            WEBHOOK_LANE.TENANT_NAME,
            WEBHOOK_LANE.INSTANCE_NAME,
            WEBHOOK_LANE.PATIENT_ID,
            WEBHOOK_LANE.ENDPOINT_ID,
            WEBHOOK_LANE.CLAIM);
    Table<?> locked =
        selectOne()
            .from(WEBHOOK_LANE)
            .join(lanes.table())
            .on(lane(WEBHOOK_LANE).eq(lane(lanes)))
            .and(WEBHOOK_LANE.CLAIM.eq(lanes.field(WEBHOOK_LANE.CLAIM)))
            .orderBy(
                WEBHOOK_LANE.TENANT_NAME,
                WEBHOOK_LANE.INSTANCE_NAME,
                WEBHOOK_LANE.PATIENT_ID,
                WEBHOOK_LANE.ENDPOINT_ID)
            .forUpdate()
            .of(WEBHOOK_LANE)
            .asTable("locked");
    return select(count()).from(locked);
  }

  private static Query settle() {
    Table<?> given = table(name("given"));
    CommonTableExpression<?> valid =
        name("valid")
            .as(
                select(given.asterisk())
                    .from(given)
                    .join(WEBHOOK_LANE)
                    .on(lane(WEBHOOK_LANE).eq(lane(GIVEN)))
                    .and(WEBHOOK_LANE.CLAIM.eq(GIVEN.field(WEBHOOK_LANE.CLAIM)))
                    .join(WEBHOOK_DELIVERY)
                    .on(lane(WEBHOOK_DELIVERY).eq(lane(GIVEN)))
                    .and(
                        WEBHOOK_DELIVERY.DELIVERY_ID.eq(
                            GIVEN.field(WEBHOOK_DELIVERY.DELIVERY_ID))));
    CommonTableExpression<?> settled =
        name("settled")
            .as(
                update(WEBHOOK_DELIVERY)
                    .set(WEBHOOK_DELIVERY.STATE, column(valid, WEBHOOK_DELIVERY.STATE))
                    .set(WEBHOOK_DELIVERY.ATTEMPTS, WEBHOOK_DELIVERY.ATTEMPTS.plus(inline(1)))
                    .set(
                        WEBHOOK_DELIVERY.NOT_BEFORE,
                        when(
                            isPending(column(valid, WEBHOOK_DELIVERY.STATE)),
                            column(valid, WEBHOOK_LANE.DUE_AT)))
                    .from(valid)
                    .where(lane(WEBHOOK_DELIVERY).eq(lane(valid)))
                    .and(
                        WEBHOOK_DELIVERY.DELIVERY_ID.eq(
                            column(valid, WEBHOOK_DELIVERY.DELIVERY_ID)))
                    .and(isPending(WEBHOOK_DELIVERY.STATE))
                    .returning(
                        valid.asterisk(), WEBHOOK_DELIVERY.ATTEMPTS.as(WEBHOOK_ATTEMPT.ATTEMPT)));
    CommonTableExpression<?> remaining = name("remaining").as(remaining(valid));
    CommonTableExpression<?> kept = name("kept").as(keepLanes(remaining));
    // The next delivery of each lane that goes on.
    WebhookDelivery first = WEBHOOK_DELIVERY.as("first");
    return with(GIVEN.expression())
        .with(valid)
        .with(settled)
        .with(Sql.effect(name("attempted"), recordAttempts(settled)))
        .with(Sql.effect(name("failed"), recordFailures(settled)))
        .with(Sql.effect(name("recovered"), forgetFailures(settled)))
        .with(remaining)
        .with(Sql.effect(name("ended"), endLanes(remaining)))
        .with(Sql.effect(name("freed"), freeLanes(remaining)))
        .with(kept)
        .select(
            column(valid, WEBHOOK_LANE.CLAIM).as(SETTLED_CLAIM),
            field(column(settled, WEBHOOK_LANE.CLAIM).isNotNull()).as(IS_SETTLED))
        .select(ClaimedColumns.fields(kept, first))
        .from(valid)
        .leftJoin(settled)
        .on(column(settled, WEBHOOK_LANE.CLAIM).eq(column(valid, WEBHOOK_LANE.CLAIM)))
        .leftJoin(kept)
        .on(column(kept, SETTLED_CLAIM).eq(column(valid, WEBHOOK_LANE.CLAIM)))
        .leftJoin(first)
        .on(lane(first).eq(lane(kept)))
        .and(first.DELIVERY_ID.eq(column(kept, NEXT_ID)))
        .leftJoin(MESSAGE)
        .on(ClaimedColumns.messageOf(kept, first))
        .leftJoin(CHAT_EVENT)
        .on(ClaimedColumns.eventOf(kept, first));
  }

  private static Condition isPending(Field<String> state) {
    return state.eq(inline(DeliveryState.PENDING.name()));
  }

  private static RowCountQuery recordAttempts(Table<?> settled) {
    List<Field<?>> columns =
        List.of(
            WEBHOOK_ATTEMPT.TENANT_NAME,
            WEBHOOK_ATTEMPT.INSTANCE_NAME,
            WEBHOOK_ATTEMPT.PATIENT_ID,
            WEBHOOK_ATTEMPT.DELIVERY_ID,
            WEBHOOK_ATTEMPT.ATTEMPT,
            WEBHOOK_ATTEMPT.ENDED_AT,
            WEBHOOK_ATTEMPT.TOOK_MS,
            WEBHOOK_ATTEMPT.STATUS,
            WEBHOOK_ATTEMPT.NOTE);
    return insertInto(WEBHOOK_ATTEMPT, columns)
        .select(select(Sql.columns(settled, columns)).from(settled));
  }

  /** A failure is written where there was none before, and after that once a minute. */
  private static RowCountQuery recordFailures(Table<?> settled) {
    Field<String> effect = column(settled, EFFECT);
    Field<Instant> endedAt = column(settled, WEBHOOK_ATTEMPT.ENDED_AT);
    Field<String> tenant = column(settled, WEBHOOK_ENDPOINT_FAILING.TENANT_NAME);
    Field<String> instance = column(settled, WEBHOOK_ENDPOINT_FAILING.INSTANCE_NAME);
    Field<String> endpoint = column(settled, WEBHOOK_ENDPOINT_FAILING.ENDPOINT_ID);
    return insertInto(
            WEBHOOK_ENDPOINT_FAILING,
            WEBHOOK_ENDPOINT_FAILING.TENANT_NAME,
            WEBHOOK_ENDPOINT_FAILING.INSTANCE_NAME,
            WEBHOOK_ENDPOINT_FAILING.ENDPOINT_ID,
            WEBHOOK_ENDPOINT_FAILING.SINCE,
            WEBHOOK_ENDPOINT_FAILING.LAST_FAILED_AT)
        .select(
            select(tenant, instance, endpoint, min(endedAt), max(endedAt))
                .from(settled)
                .groupBy(tenant, instance, endpoint)
                .having(boolOr(effect.eq(inline(Effect.FAILS.name()))))
                .and(not(condition(boolOr(effect.eq(inline(Effect.WORKS.name()))))))
                .orderBy(tenant, instance, endpoint))
        .onConflict(
            WEBHOOK_ENDPOINT_FAILING.TENANT_NAME,
            WEBHOOK_ENDPOINT_FAILING.INSTANCE_NAME,
            WEBHOOK_ENDPOINT_FAILING.ENDPOINT_ID)
        .doUpdate()
        .set(
            WEBHOOK_ENDPOINT_FAILING.LAST_FAILED_AT,
            excluded(WEBHOOK_ENDPOINT_FAILING.LAST_FAILED_AT))
        .where(
            excluded(WEBHOOK_ENDPOINT_FAILING.LAST_FAILED_AT)
                .ge(
                    field(
                        "{0} + interval '1 minute'",
                        WEBHOOK_ENDPOINT_FAILING.LAST_FAILED_AT.getDataType(),
                        WEBHOOK_ENDPOINT_FAILING.LAST_FAILED_AT)));
  }

  private static RowCountQuery forgetFailures(Table<?> settled) {
    return deleteFrom(WEBHOOK_ENDPOINT_FAILING)
        .using(settled)
        .where(column(settled, EFFECT).eq(inline(Effect.WORKS.name())))
        .and(endpoint(WEBHOOK_ENDPOINT_FAILING).eq(endpoint(settled)));
  }

  /**
   * What waits in every lane. Also in lanes whose delivery was settled before: such a lane must not
   * stay claimed. A delivery that was redelivered meanwhile may come before the one that was
   * settled.
   */
  private static Select<Record> remaining(Table<?> valid) {
    Table<?> first =
        lateral(
                select(WEBHOOK_DELIVERY.DELIVERY_ID, WEBHOOK_DELIVERY.NOT_BEFORE)
                    .from(WEBHOOK_DELIVERY)
                    .where(lane(WEBHOOK_DELIVERY).eq(lane(valid)))
                    .and(isPending(WEBHOOK_DELIVERY.STATE))
                    .and(
                        WEBHOOK_DELIVERY
                            .DELIVERY_ID
                            .ne(column(valid, WEBHOOK_DELIVERY.DELIVERY_ID))
                            .or(isPending(column(valid, WEBHOOK_DELIVERY.STATE))))
                    .orderBy(WEBHOOK_DELIVERY.LOG_TRANSACTION, WEBHOOK_DELIVERY.LOG_NUMBER)
                    .limit(inline(1)))
            .as("first");
    Field<UUID> firstId = column(first, WEBHOOK_DELIVERY.DELIVERY_ID);
    Field<Instant> firstNotBefore = column(first, WEBHOOK_DELIVERY.NOT_BEFORE);
    Condition isDue =
        condition(
            coalesce(
                field(firstNotBefore.le(column(valid, WEBHOOK_ATTEMPT.ENDED_AT))), inline(true)));
    return select(
            List.of(
                valid.asterisk(),
                field(firstId.isNotNull()).as(WAITS),
                case_()
                    .when(
                        firstId.eq(column(valid, WEBHOOK_DELIVERY.DELIVERY_ID)),
                        column(valid, WEBHOOK_LANE.DUE_AT))
                    .otherwise(firstNotBefore)
                    .as(NEXT_AT),
                firstId.as(NEXT_ID),
                field(
                        firstId
                            .isNotNull()
                            .and(column(valid, NEXT_LEASE_UNTIL).isNotNull())
                            .and(isDue)
                            .and(DisabledEndpoints.doNotContain(endpoint(valid))))
                    .as(GOES_ON)))
        .from(valid)
        .leftJoin(first)
        .on(trueCondition());
  }

  private static RowCountQuery endLanes(Table<?> remaining) {
    return deleteFrom(WEBHOOK_LANE)
        .using(remaining)
        .where(lane(WEBHOOK_LANE).eq(lane(remaining)))
        .and(not(condition(column(remaining, WAITS))));
  }

  private static RowCountQuery freeLanes(Table<?> remaining) {
    return update(WEBHOOK_LANE)
        .set(WEBHOOK_LANE.CLAIM, castNull(WEBHOOK_LANE.CLAIM))
        .set(
            WEBHOOK_LANE.DUE_AT,
            coalesce(column(remaining, NEXT_AT), column(remaining, WEBHOOK_ATTEMPT.ENDED_AT)))
        .from(remaining)
        .where(lane(WEBHOOK_LANE).eq(lane(remaining)))
        .and(column(remaining, WAITS))
        .and(not(condition(column(remaining, GOES_ON))));
  }

  /** Under a new claim, so that nobody can settle the old one again. */
  private static UpdateResultStep<Record> keepLanes(Table<?> remaining) {
    return update(WEBHOOK_LANE)
        .set(WEBHOOK_LANE.CLAIM, uuid())
        .set(WEBHOOK_LANE.DUE_AT, column(remaining, NEXT_LEASE_UNTIL))
        .from(remaining)
        .where(lane(WEBHOOK_LANE).eq(lane(remaining)))
        .and(column(remaining, GOES_ON))
        .returning(
            WEBHOOK_LANE.TENANT_NAME,
            WEBHOOK_LANE.INSTANCE_NAME,
            WEBHOOK_LANE.PATIENT_ID,
            WEBHOOK_LANE.ENDPOINT_ID,
            WEBHOOK_LANE.CLAIM,
            column(remaining, WEBHOOK_LANE.CLAIM).as(SETTLED_CLAIM),
            column(remaining, NEXT_ID));
  }

  /** Settles a batch. The answers are in its order. */
  static List<SettlementResult> settle(Connection connection, List<Settlement> batch)
      throws SQLException {
    Map<UUID, SettlementResult> settled = new HashMap<>();
    for (SettledClaim each :
        bind(batch)
            .read(
                connection,
                row ->
                    new SettledClaim(
                        RESULT_CLAIM.get(row),
                        new SettlementResult(
                            RESULT_SETTLED.get(row),
                            NEXT.isPresent(row) ? NEXT.map(row) : null)))) {
      settled.put(each.claim, each.result);
    }
    var answers = new ArrayList<SettlementResult>();
    for (Settlement settlement : batch) {
      // If one claim is settled twice, one of the two settlements is not valid.
      SettlementResult answer = settled.remove(settlement.delivery().claim());
      answers.add(answer == null ? new SettlementResult(false, null) : answer);
    }
    return answers;
  }

  private record SettledClaim(UUID claim, SettlementResult result) {}

  private static BoundStatement bind(List<Settlement> batch) {
    return SETTLE
        .bind()
        .set(GIVEN, WEBHOOK_LANE.TENANT_NAME, batch, each -> instance(each).tenantName())
        .set(GIVEN, WEBHOOK_LANE.INSTANCE_NAME, batch, each -> instance(each).instanceName())
        .set(
            GIVEN,
            WEBHOOK_LANE.PATIENT_ID,
            batch,
            each -> each.delivery().message().chat().patient().value())
        .set(GIVEN, WEBHOOK_LANE.ENDPOINT_ID, batch, each -> each.delivery().endpointId().value())
        .set(GIVEN, WEBHOOK_LANE.CLAIM, batch, each -> each.delivery().claim())
        .set(GIVEN, WEBHOOK_DELIVERY.DELIVERY_ID, batch, each -> each.delivery().id().value())
        .set(GIVEN, EFFECT, batch, each -> each.effect().name())
        .set(GIVEN, WEBHOOK_DELIVERY.STATE, batch, each -> each.state().name())
        .set(GIVEN, WEBHOOK_LANE.DUE_AT, batch, Settlement::due)
        .set(GIVEN, WEBHOOK_ATTEMPT.ENDED_AT, batch, Settlement::now)
        .set(GIVEN, WEBHOOK_ATTEMPT.TOOK_MS, batch, each -> each.answer().took().toMillis())
        .set(GIVEN, WEBHOOK_ATTEMPT.STATUS, batch, Settlement::status)
        .set(GIVEN, WEBHOOK_ATTEMPT.NOTE, batch, Settlement::note)
        .set(GIVEN, NEXT_LEASE_UNTIL, batch, Settlement::nextLeaseUntil);
  }

  private static TenantInstance instance(Settlement settlement) {
    return settlement.delivery().message().chat().instance();
  }
}
