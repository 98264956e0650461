package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static io.carechat.persistence.jdbc.Sql.column;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static io.carechat.persistence.webhooks.WebhookKeys.lane;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.uuid;
import static org.jooq.impl.DSL.with;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.delivery.ClaimLimits;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jooq.CommonTableExpression;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/** Claims the deliveries that are due. */
final class DeliveryClaims {
  /**
   * How many lanes are read at once. Suppose all of them are due, but the limits allow only a few.
   * Then the others would hide the lanes behind them from every claim. So the others are put off.
   */
  private static final int MAX_READ = 512;

  /** How often a claim reads again if it did not get as many lanes as it may. */
  private static final int MAX_ROUNDS = 8;

  private static final Param<Instant> NOW = Parameters.time("now");
  private static final Param<Instant> LEASE_UNTIL = Parameters.time("lease_until");

  /**
   * The lanes that have been due longest. This does not show whether another node is claiming one
   * of them. That shows only when the lane is claimed.
   */
  private static final SqlStatement DUE =
      SqlStatement.of(
          select(
                  WEBHOOK_LANE.TENANT_NAME,
                  WEBHOOK_LANE.INSTANCE_NAME,
                  WEBHOOK_LANE.PATIENT_ID,
                  WEBHOOK_LANE.ENDPOINT_ID)
              .from(WEBHOOK_LANE)
              .where(WEBHOOK_LANE.DUE_AT.le(NOW))
              .and(DisabledEndpoints.doNotContain(endpoint(WEBHOOK_LANE)))
              .orderBy(WEBHOOK_LANE.DUE_AT)
              .limit(inline(MAX_READ)));

  private static final RowMapper<Lane> DUE_LANE = lanes(DUE);

  private static final GivenRows GIVEN =
      GivenRows.of(
          "given",
          WEBHOOK_LANE.TENANT_NAME,
          WEBHOOK_LANE.INSTANCE_NAME,
          WEBHOOK_LANE.PATIENT_ID,
          WEBHOOK_LANE.ENDPOINT_ID);

  private static final Field<Instant> WAS_DUE_AT =
      field(name("was_due_at"), WEBHOOK_LANE.DUE_AT.getDataType());

  private static final SqlStatement TAKE = SqlStatement.of(takeLanes());
  private static final RowMapper<Lane> TAKEN_LANE = lanes(TAKE);
  private static final Column<UUID> TAKEN_CLAIM = TAKE.column(WEBHOOK_LANE.CLAIM);
  private static final Column<Instant> TAKEN_WAS_DUE_AT = TAKE.column(WAS_DUE_AT);

  private static final GivenRows CLAIMED =
      GivenRows.of(
          "claimed",
          WEBHOOK_LANE.TENANT_NAME,
          WEBHOOK_LANE.INSTANCE_NAME,
          WEBHOOK_LANE.PATIENT_ID,
          WEBHOOK_LANE.ENDPOINT_ID,
          WEBHOOK_LANE.CLAIM,
          WAS_DUE_AT);

  private static final SqlStatement FIRST = SqlStatement.of(firstDeliveries());
  private static final ClaimedColumns FIRST_DELIVERY = new ClaimedColumns(FIRST);

  private static final Field<Long> PAUSE_MILLIS = field(name("pause_ms"), SQLDataType.BIGINT);

  private static final GivenRows LATE =
      GivenRows.of(
          "given",
          WEBHOOK_LANE.TENANT_NAME,
          WEBHOOK_LANE.INSTANCE_NAME,
          WEBHOOK_LANE.PATIENT_ID,
          WEBHOOK_LANE.ENDPOINT_ID,
          PAUSE_MILLIS);

  private static final SqlStatement PUT_OFF = SqlStatement.of(putOffLanes());

  private record Endpoint(TenantInstance instance, EndpointId id) {}

  private record Lane(Endpoint endpoint, UUID patient) {}

  private record Late(Lane lane, Duration pause) {}

  private record Taken(Lane lane, UUID claim, Instant wasDueAt) {}

  private final Connections connections;

  DeliveryClaims(Connections connections) {
    this.connections = connections;
  }

  /**
   * Lanes that another transaction is taking are skipped, not waited for. A claim moves the lane's
   * time to the end of the lease: if it is not settled by then, it is simply due again. The lanes
   * of disabled endpoints normally have an infinite due time. Those that were claimed when their
   * endpoint was disabled may have come back with a finite one.
   */
  private static Query takeLanes() {
    CommonTableExpression<?> due =
        name("due")
            .as(
                select(WEBHOOK_LANE.fields())
                    .from(GIVEN.table())
                    .join(WEBHOOK_LANE)
                    .on(lane(WEBHOOK_LANE).eq(lane(GIVEN)))
                    .where(WEBHOOK_LANE.DUE_AT.le(NOW))
                    .and(DisabledEndpoints.doNotContain(endpoint(WEBHOOK_LANE)))
                    .forUpdate()
                    .of(WEBHOOK_LANE)
                    .skipLocked());
    return with(due)
        .update(WEBHOOK_LANE)
        .set(WEBHOOK_LANE.DUE_AT, LEASE_UNTIL)
        .set(WEBHOOK_LANE.CLAIM, uuid())
        .from(due)
        .where(lane(WEBHOOK_LANE).eq(lane(due)))
        .returning(
            WEBHOOK_LANE.TENANT_NAME,
            WEBHOOK_LANE.INSTANCE_NAME,
            WEBHOOK_LANE.PATIENT_ID,
            WEBHOOK_LANE.ENDPOINT_ID,
            WEBHOOK_LANE.CLAIM,
            column(due, WEBHOOK_LANE.DUE_AT).as(WAS_DUE_AT));
  }

  /**
   * The first pending delivery of each claimed lane. It is read after the lane was claimed, by a
   * later statement with a later snapshot. The claiming statement itself could have an old
   * snapshot: another worker may claim and settle the lane after that statement has begun. Then the
   * first delivery would be returned again.
   */
  private static Query firstDeliveries() {
    Table<?> claimed = CLAIMED.table();
    Table<?> first =
        lateral(
                select(
                        WEBHOOK_DELIVERY.DELIVERY_ID,
                        WEBHOOK_DELIVERY.PATIENT_URL,
                        WEBHOOK_DELIVERY.ATTEMPTS,
                        WEBHOOK_DELIVERY.ATTEMPTS_BEFORE,
                        WEBHOOK_DELIVERY.LOG_TRANSACTION,
                        WEBHOOK_DELIVERY.LOG_NUMBER,
                        WEBHOOK_DELIVERY.MESSAGE_CREATED_AT)
                    .from(WEBHOOK_DELIVERY)
                    .where(lane(WEBHOOK_DELIVERY).eq(lane(CLAIMED)))
                    .and(WEBHOOK_DELIVERY.STATE.eq(inline(DeliveryState.PENDING.name())))
                    .orderBy(WEBHOOK_DELIVERY.LOG_TRANSACTION, WEBHOOK_DELIVERY.LOG_NUMBER)
                    .limit(inline(1)))
            .as("first");
    return select(ClaimedColumns.fields(claimed, first))
        .from(claimed)
        .crossJoin(first)
        .join(MESSAGE)
        .on(ClaimedColumns.messageOf(claimed, first))
        .join(CHAT_EVENT)
        .on(ClaimedColumns.eventOf(claimed, first))
        .orderBy(
            CLAIMED.field(WAS_DUE_AT),
            column(first, WEBHOOK_DELIVERY.LOG_TRANSACTION),
            column(first, WEBHOOK_DELIVERY.LOG_NUMBER));
  }

  /** Puts off lanes. The new times are spread, so that the lanes do not all become due at once. */
  private static Query putOffLanes() {
    CommonTableExpression<?> late =
        name("late")
            .as(
                select(WEBHOOK_LANE.fields())
                    .select(LATE.field(PAUSE_MILLIS))
                    .from(LATE.table())
                    .join(WEBHOOK_LANE)
                    .on(lane(WEBHOOK_LANE).eq(lane(LATE)))
                    .where(WEBHOOK_LANE.DUE_AT.le(NOW))
                    .forUpdate()
                    .of(WEBHOOK_LANE)
                    .skipLocked());
    return with(late)
        .update(WEBHOOK_LANE)
        .set(
            WEBHOOK_LANE.DUE_AT,
            field(
                "{0} + {1} * (1 + random()) * interval '1 millisecond'",
                WEBHOOK_LANE.DUE_AT.getDataType(), NOW, column(late, PAUSE_MILLIS)))
        .from(late)
        .where(lane(WEBHOOK_LANE).eq(lane(late)));
  }

  List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimLimits limits) {
    var open = new OpenLimits(limits);
    var claimed = new ArrayList<ClaimedDelivery>();
    boolean more = true;
    for (int round = 0; more && round < MAX_ROUNDS; round++) {
      List<Lane> due = connections.read(DUE.bind().set(NOW, now), DUE_LANE);
      var taking = new ArrayList<Lane>();
      var late = new ArrayList<Late>();
      for (Lane lane : due) {
        if (!open.allows(lane.endpoint())) {
          late.add(new Late(lane, open.pause(lane.endpoint())));
        } else if (claimed.size() + taking.size() < limit) {
          open.take(lane.endpoint());
          taking.add(lane);
        }
      }
      List<ClaimedDelivery> taken = taking.isEmpty() ? List.of() : take(taking, now, lease);
      claimed.addAll(taken);
      boolean full = due.size() == MAX_READ;
      if (full && !late.isEmpty()) {
        putOff(late, now);
      }
      // If another worker took some of them at the same time, there may be others for us.
      more = claimed.size() < limit && (full || taken.size() < taking.size());
    }
    return claimed;
  }

  /** What is left of the limits during a claim. */
  private static final class OpenLimits {
    private final ClaimLimits limits;
    private final Map<Endpoint, ClaimLimits.OfEndpoint> exceptions = new HashMap<>();
    private final Map<Endpoint, Integer> taken = new HashMap<>();

    OpenLimits(ClaimLimits limits) {
      this.limits = limits;
      for (ClaimLimits.OfEndpoint exception : limits.exceptions()) {
        exceptions.put(new Endpoint(exception.instance(), exception.endpointId()), exception);
      }
    }

    boolean allows(Endpoint endpoint) {
      ClaimLimits.OfEndpoint exception = exceptions.get(endpoint);
      int lanes = exception == null ? limits.lanes() : exception.lanes();
      return taken.getOrDefault(endpoint, 0) < lanes;
    }

    void take(Endpoint endpoint) {
      taken.merge(endpoint, 1, Integer::sum);
    }

    Duration pause(Endpoint endpoint) {
      ClaimLimits.OfEndpoint exception = exceptions.get(endpoint);
      return exception == null ? limits.pause() : exception.pause();
    }
  }

  private static RowMapper<Lane> lanes(SqlStatement statement) {
    RowMapper<TenantInstance> instance = ChatKeys.instances(statement);
    Column<UUID> patient = statement.column(WEBHOOK_LANE.PATIENT_ID);
    Column<String> endpoint = statement.column(WEBHOOK_LANE.ENDPOINT_ID);
    return row ->
        new Lane(
            new Endpoint(instance.map(row), new EndpointId(endpoint.get(row))), patient.get(row));
  }

  private List<ClaimedDelivery> take(List<Lane> lanes, Instant now, Duration lease) {
    List<Taken> taken =
        connections.read(
            bind(TAKE, GIVEN, lanes, lane -> lane).set(NOW, now).set(LEASE_UNTIL, now.plus(lease)),
            DeliveryClaims::taken);
    if (taken.isEmpty()) {
      return List.of();
    }
    return connections.read(
        bind(FIRST, CLAIMED, taken, Taken::lane)
            .set(CLAIMED, WEBHOOK_LANE.CLAIM, taken, Taken::claim)
            .set(CLAIMED, WAS_DUE_AT, taken, Taken::wasDueAt),
        FIRST_DELIVERY);
  }

  private static Taken taken(ResultSet row) throws SQLException {
    return new Taken(TAKEN_LANE.map(row), TAKEN_CLAIM.get(row), TAKEN_WAS_DUE_AT.get(row));
  }

  private void putOff(List<Late> late, Instant now) {
    int _ =
        connections.execute(
            bind(PUT_OFF, LATE, late, Late::lane)
                .set(LATE, PAUSE_MILLIS, late, lane -> lane.pause().toMillis())
                .set(NOW, now));
  }

  private static <R> BoundStatement bind(
      SqlStatement statement, GivenRows given, List<R> rows, Function<R, Lane> lane) {
    return statement
        .bind()
        .set(
            given,
            WEBHOOK_LANE.TENANT_NAME,
            rows,
            row -> lane.apply(row).endpoint().instance().tenantName())
        .set(
            given,
            WEBHOOK_LANE.INSTANCE_NAME,
            rows,
            row -> lane.apply(row).endpoint().instance().instanceName())
        .set(given, WEBHOOK_LANE.PATIENT_ID, rows, row -> lane.apply(row).patient())
        .set(given, WEBHOOK_LANE.ENDPOINT_ID, rows, row -> lane.apply(row).endpoint().id().value());
  }
}
