package io.carechat.persistence.webhooks.delivery;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE_CHANGE;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.rand;
import static org.jooq.impl.DSL.val;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.persistence.jdbc.Connections;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/**
 * Holds the lanes of an endpoint that was disabled back, or lets those of one that was enabled go
 * on, in lots: there may be hundreds of thousands. Claims leave a disabled endpoint's lanes alone
 * anyway; that these wait for ever keeps them out of the way of all others.
 */
final class LaneChanges {
  private static final int LOT = 1_000;
  private static final UUID FIRST = new UUID(0, 0);

  private static final Field<OffsetDateTime> NEVER =
      field("timestamptz 'infinity'", OffsetDateTime.class);

  private final Connections connections;

  LaneChanges(Connections connections) {
    this.connections = connections;
  }

  /**
   * Asks for it, in a transaction that has locked the cursor, and no lane yet; instead of what was
   * asked before.
   */
  static void ask(DSLContext jooq, TenantInstance place, String endpointId, boolean heldBack) {
    jooq.insertInto(WEBHOOK_LANE_CHANGE)
        .set(WEBHOOK_LANE_CHANGE.TENANT_NAME, place.tenantName())
        .set(WEBHOOK_LANE_CHANGE.INSTANCE_NAME, place.instanceName())
        .set(WEBHOOK_LANE_CHANGE.ENDPOINT_ID, endpointId)
        .set(WEBHOOK_LANE_CHANGE.HELD_BACK, heldBack)
        .set(WEBHOOK_LANE_CHANGE.FROM_PATIENT, FIRST)
        .onConflict(
            WEBHOOK_LANE_CHANGE.TENANT_NAME,
            WEBHOOK_LANE_CHANGE.INSTANCE_NAME,
            WEBHOOK_LANE_CHANGE.ENDPOINT_ID)
        .doUpdate()
        .set(WEBHOOK_LANE_CHANGE.HELD_BACK, heldBack)
        .set(WEBHOOK_LANE_CHANGE.FROM_PATIENT, FIRST)
        .execute();
  }

  /** Does the first lot of what was asked for an endpoint, which mostly is all of it. */
  void begin(TenantInstance place, String endpointId, Instant now) {
    boolean _ =
        step(
            WEBHOOK_LANE_CHANGE
                .TENANT_NAME
                .eq(place.tenantName())
                .and(WEBHOOK_LANE_CHANGE.INSTANCE_NAME.eq(place.instanceName()))
                .and(WEBHOOK_LANE_CHANGE.ENDPOINT_ID.eq(endpointId)),
            now);
  }

  /**
   * Does a lot for any endpoint, so that one whose lots fail keeps no other waiting; false if there
   * is nothing to do.
   */
  boolean step(Instant now) {
    return step(DSL.noCondition(), now);
  }

  private boolean step(Condition which, Instant now) {
    return connections.inTransaction(connection -> {
      DSLContext jooq = DSL.using(connection, SQLDialect.POSTGRES);
      Record change =
          jooq.select(WEBHOOK_LANE_CHANGE.fields())
              .from(WEBHOOK_LANE_CHANGE)
              .where(which)
              .orderBy(rand())
              .limit(1)
              .forUpdate()
              .skipLocked()
              .fetchOne();
      if (change == null) {
        return false;
      }
      lot(jooq, change, now.atOffset(ZoneOffset.UTC));
      return true;
    });
  }

  private static void lot(DSLContext jooq, Record change, OffsetDateTime now) {
    String tenant = change.get(WEBHOOK_LANE_CHANGE.TENANT_NAME);
    String instance = change.get(WEBHOOK_LANE_CHANGE.INSTANCE_NAME);
    String endpointId = change.get(WEBHOOK_LANE_CHANGE.ENDPOINT_ID);
    Condition ofEndpoint =
        WEBHOOK_LANE
            .TENANT_NAME
            .eq(tenant)
            .and(WEBHOOK_LANE.INSTANCE_NAME.eq(instance))
            .and(WEBHOOK_LANE.ENDPOINT_ID.eq(endpointId));
    // In the order in which everybody locks lanes.
    List<UUID> lanes =
        jooq.select(WEBHOOK_LANE.PATIENT_ID)
            .from(WEBHOOK_LANE)
            .where(ofEndpoint)
            .and(WEBHOOK_LANE.PATIENT_ID.ge(change.get(WEBHOOK_LANE_CHANGE.FROM_PATIENT)))
            .orderBy(WEBHOOK_LANE.PATIENT_ID)
            .limit(LOT)
            .forUpdate()
            .fetch(WEBHOOK_LANE.PATIENT_ID);
    boolean heldBack = change.get(WEBHOOK_LANE_CHANGE.HELD_BACK);
    jooq.update(WEBHOOK_LANE)
        .set(WEBHOOK_LANE.DUE_AT, heldBack ? NEVER : val(now))
        .where(ofEndpoint)
        .and(WEBHOOK_LANE.PATIENT_ID.eq(DSL.any(lanes.toArray(UUID[]::new))))
        .and(heldBack ? WEBHOOK_LANE.DUE_AT.ne(NEVER) : WEBHOOK_LANE.DUE_AT.eq(NEVER))
        .execute();
    Condition ofChange =
        WEBHOOK_LANE_CHANGE
            .TENANT_NAME
            .eq(tenant)
            .and(WEBHOOK_LANE_CHANGE.INSTANCE_NAME.eq(instance))
            .and(WEBHOOK_LANE_CHANGE.ENDPOINT_ID.eq(endpointId));
    if (lanes.size() < LOT) {
      jooq.deleteFrom(WEBHOOK_LANE_CHANGE).where(ofChange).execute();
    } else {
      // The last one is looked at again: nothing tells which patient would be next.
      jooq.update(WEBHOOK_LANE_CHANGE)
          .set(WEBHOOK_LANE_CHANGE.FROM_PATIENT, lanes.getLast())
          .where(ofChange)
          .execute();
    }
  }
}
