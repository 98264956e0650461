package io.carechat.persistence.webhooks;

import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE_CHANGE;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static org.jooq.impl.DSL.any;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.rand;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.update;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Param;

/**
 * Holds back the lanes of an endpoint that was disabled, or releases those of one that was enabled,
 * in batches: there may be hundreds of thousands. Claims skip the lanes of a disabled endpoint
 * anyway. Its lanes are held back by an infinite due time, which keeps them out of the way of all
 * other lanes.
 */
public final class LaneChanges {
  private static final System.Logger LOG = System.getLogger(LaneChanges.class.getName());
  private static final int BATCH = 1_000;
  private static final UUID FIRST_PATIENT = new UUID(0, 0);

  private static final Param<Boolean> HELD_BACK = Parameters.bool("held_back");
  private static final Param<UUID> FROM_PATIENT = Parameters.uuid("from_patient");
  private static final Param<Instant> NOW = Parameters.time("now");

  private static final Param<UUID[]> PATIENTS =
      Parameters.array("patients", WEBHOOK_LANE.PATIENT_ID);

  private static final SqlStatement REQUEST =
      SqlStatement.of(
          insertInto(WEBHOOK_LANE_CHANGE)
              .set(WEBHOOK_LANE_CHANGE.TENANT_NAME, Parameters.TENANT)
              .set(WEBHOOK_LANE_CHANGE.INSTANCE_NAME, Parameters.INSTANCE)
              .set(WEBHOOK_LANE_CHANGE.ENDPOINT_ID, WebhookKeys.ENDPOINT)
              .set(WEBHOOK_LANE_CHANGE.HELD_BACK, HELD_BACK)
              .set(WEBHOOK_LANE_CHANGE.FROM_PATIENT, FROM_PATIENT)
              .onConflict(
                  WEBHOOK_LANE_CHANGE.TENANT_NAME,
                  WEBHOOK_LANE_CHANGE.INSTANCE_NAME,
                  WEBHOOK_LANE_CHANGE.ENDPOINT_ID)
              .doUpdate()
              .set(WEBHOOK_LANE_CHANGE.HELD_BACK, excluded(WEBHOOK_LANE_CHANGE.HELD_BACK))
              .set(WEBHOOK_LANE_CHANGE.FROM_PATIENT, excluded(WEBHOOK_LANE_CHANGE.FROM_PATIENT)));

  private static final SqlStatement NEXT = next(noCondition());
  private static final SqlStatement NEXT_OF_ENDPOINT =
      next(endpoint(WEBHOOK_LANE_CHANGE).eq(endpoint()));

  private static final RowMapper<TenantInstance> CHANGE_INSTANCE = ChatKeys.instances(NEXT);
  private static final Column<String> CHANGE_ENDPOINT =
      NEXT.column(WEBHOOK_LANE_CHANGE.ENDPOINT_ID);
  private static final Column<Boolean> CHANGE_HELD_BACK =
      NEXT.column(WEBHOOK_LANE_CHANGE.HELD_BACK);
  private static final Column<UUID> CHANGE_FROM_PATIENT =
      NEXT.column(WEBHOOK_LANE_CHANGE.FROM_PATIENT);

  /** In the order in which all transactions lock lanes. */
  private static final SqlStatement LOCK_LANES =
      SqlStatement.of(
          select(WEBHOOK_LANE.PATIENT_ID)
              .from(WEBHOOK_LANE)
              .where(endpoint(WEBHOOK_LANE).eq(endpoint()))
              .and(WEBHOOK_LANE.PATIENT_ID.ge(FROM_PATIENT))
              .orderBy(WEBHOOK_LANE.PATIENT_ID)
              .limit(inline(BATCH))
              .forUpdate());

  private static final Column<UUID> LANE_PATIENT = LOCK_LANES.column(WEBHOOK_LANE.PATIENT_ID);

  private static final SqlStatement HOLD_BACK =
      SqlStatement.of(
          update(WEBHOOK_LANE)
              .set(WEBHOOK_LANE.DUE_AT, Sql.INFINITY)
              .where(endpoint(WEBHOOK_LANE).eq(endpoint()))
              .and(WEBHOOK_LANE.PATIENT_ID.eq(any(PATIENTS)))
              .and(WEBHOOK_LANE.DUE_AT.ne(Sql.INFINITY)));

  private static final SqlStatement RELEASE =
      SqlStatement.of(
          update(WEBHOOK_LANE)
              .set(WEBHOOK_LANE.DUE_AT, NOW)
              .where(endpoint(WEBHOOK_LANE).eq(endpoint()))
              .and(WEBHOOK_LANE.PATIENT_ID.eq(any(PATIENTS)))
              .and(WEBHOOK_LANE.DUE_AT.eq(Sql.INFINITY)));

  private static final SqlStatement END =
      SqlStatement.of(
          deleteFrom(WEBHOOK_LANE_CHANGE).where(endpoint(WEBHOOK_LANE_CHANGE).eq(endpoint())));

  private static final SqlStatement ADVANCE =
      SqlStatement.of(
          update(WEBHOOK_LANE_CHANGE)
              .set(WEBHOOK_LANE_CHANGE.FROM_PATIENT, FROM_PATIENT)
              .where(endpoint(WEBHOOK_LANE_CHANGE).eq(endpoint())));

  private final Connections connections;

  public LaneChanges(Connections connections) {
    this.connections = connections;
  }

  /** In no order, so that an endpoint whose batches fail keeps no other waiting. */
  private static SqlStatement next(Condition which) {
    return SqlStatement.of(
        select(WEBHOOK_LANE_CHANGE.fields())
            .from(WEBHOOK_LANE_CHANGE)
            .where(which)
            .orderBy(rand())
            .limit(inline(1))
            .forUpdate()
            .skipLocked());
  }

  /**
   * Requests a change, in a transaction that has locked the cursor of planning and no lane yet. It
   * replaces a former request for the endpoint.
   *
   * @param heldBack whether the lanes are to be held back, or released
   */
  static void request(
      Connection connection, TenantInstance instance, EndpointId endpoint, boolean heldBack)
      throws SQLException {
    int _ =
        WebhookKeys.bind(REQUEST.bind(), instance, endpoint)
            .set(HELD_BACK, heldBack)
            .set(FROM_PATIENT, FIRST_PATIENT)
            .execute(connection);
  }

  /**
   * Makes the first batch of what was requested for an endpoint, which mostly is all of it. If that
   * is not possible now, {@link #continueBatch} will do it.
   */
  public void begin(TenantInstance instance, EndpointId endpoint, Instant now) {
    try {
      boolean _ = batch(WebhookKeys.bind(NEXT_OF_ENDPOINT.bind(), instance, endpoint), now);
    } catch (Unavailable e) {
      LOG.log(System.Logger.Level.DEBUG, "The lanes of an endpoint are changed later", e);
    }
  }

  /** Makes a batch for any endpoint; false if nothing is left to do. */
  public boolean continueBatch(Instant now) {
    return batch(NEXT.bind(), now);
  }

  private record Change(
      TenantInstance instance, EndpointId endpoint, boolean heldBack, UUID fromPatient) {
    BoundStatement bind(SqlStatement statement) {
      return WebhookKeys.bind(statement.bind(), instance, endpoint);
    }
  }

  private boolean batch(BoundStatement next, Instant now) {
    return connections.inTransaction(connection -> {
      Optional<Change> change =
          next.readFirst(
              connection,
              row ->
                  new Change(
                      CHANGE_INSTANCE.map(row),
                      new EndpointId(CHANGE_ENDPOINT.get(row)),
                      CHANGE_HELD_BACK.get(row),
                      CHANGE_FROM_PATIENT.get(row)));
      if (change.isEmpty()) {
        return false;
      }
      batch(connection, change.get(), now);
      return true;
    });
  }

  private static void batch(Connection connection, Change change, Instant now) throws SQLException {
    List<UUID> lanes =
        change
            .bind(LOCK_LANES)
            .set(FROM_PATIENT, change.fromPatient)
            .read(connection, LANE_PATIENT::get);
    BoundStatement move =
        change.heldBack ? change.bind(HOLD_BACK) : change.bind(RELEASE).set(NOW, now);
    int _ = move.set(PATIENTS, lanes, lane -> lane).execute(connection);
    if (lanes.size() < BATCH) {
      int _ = change.bind(END).execute(connection);
    } else {
      // The next batch begins with the last lane of this one: it is not known which patient is
      // next.
      int _ = change.bind(ADVANCE).set(FROM_PATIENT, lanes.getLast()).execute(connection);
    }
  }
}
