package io.carechat.persistence;

import static io.carechat.persistence.generated.Tables.EVENT_CURSOR;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_DISABLED;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.ClaimedDelivery;
import io.carechat.domain.TenantInstance;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/**
 * Endpoints that said that they are gone, or that somebody disabled. Their lanes wait for ever
 * instead of being passed over by every claim. Disabling, enabling and planning exclude each other
 * by the lock of the cursor's row, so that no lane of an enabled endpoint is left waiting.
 */
final class DisabledEndpoints {
  private static final Field<OffsetDateTime> NEVER =
      field("timestamptz 'infinity'", OffsetDateTime.class);

  private static final String OF_INSTANCE =
      Sql.render(
          select(WEBHOOK_ENDPOINT_DISABLED.ENDPOINT_ID)
              .from(WEBHOOK_ENDPOINT_DISABLED)
              .where(WEBHOOK_ENDPOINT_DISABLED.TENANT_NAME.eq(Sql.text("tenant")))
              .and(WEBHOOK_ENDPOINT_DISABLED.INSTANCE_NAME.eq(Sql.text("instance"))));

  private final Connections reading;
  private final Connections writing;

  DisabledEndpoints(Connections reading, Connections writing) {
    this.reading = reading;
    this.writing = writing;
  }

  List<String> of(TenantInstance place) {
    return reading.read(
        place,
        OF_INSTANCE,
        parameters -> parameters.text(place.tenantName()).text(place.instanceName()),
        row -> row.getString("endpoint_id"));
  }

  /** Settles the delivery whose answer was that the endpoint is gone; false if it had no claim. */
  boolean disable(Settlement gone) {
    ClaimedDelivery delivery = gone.delivery();
    TenantInstance place = delivery.message().chat().place();
    return writing.inTransaction(connection -> {
      DSLContext jooq = lock(connection, place, delivery.endpointId());
      if (!DeliverySettlements.settle(connection, List.of(gone)).getFirst()) {
        return false;
      }
      boolean _ = disable(jooq, place, delivery.endpointId(), gone.now());
      return true;
    });
  }

  /** Holds the deliveries of an endpoint back; true if it was not disabled before. */
  boolean disable(TenantInstance place, String endpointId, Instant now) {
    return writing.inTransaction(
        connection -> disable(lock(connection, place, endpointId), place, endpointId, now));
  }

  private static boolean disable(
      DSLContext jooq, TenantInstance place, String endpointId, Instant now) {
    int inserted =
        jooq.insertInto(WEBHOOK_ENDPOINT_DISABLED)
            .set(WEBHOOK_ENDPOINT_DISABLED.TENANT_NAME, place.tenantName())
            .set(WEBHOOK_ENDPOINT_DISABLED.INSTANCE_NAME, place.instanceName())
            .set(WEBHOOK_ENDPOINT_DISABLED.ENDPOINT_ID, endpointId)
            .set(WEBHOOK_ENDPOINT_DISABLED.DISABLED_AT, now.atOffset(ZoneOffset.UTC))
            .onConflictDoNothing()
            .execute();
    jooq.update(WEBHOOK_LANE)
        .set(WEBHOOK_LANE.DUE_AT, NEVER)
        .where(lanesOf(place, endpointId))
        .execute();
    return inserted == 1;
  }

  /** Lets it have its deliveries again; true if it was disabled. */
  boolean enable(TenantInstance place, String endpointId, Instant now) {
    return writing.inTransaction(connection -> {
      DSLContext jooq = lock(connection, place, endpointId);
      int deleted =
          jooq.deleteFrom(WEBHOOK_ENDPOINT_DISABLED)
              .where(WEBHOOK_ENDPOINT_DISABLED.TENANT_NAME.eq(place.tenantName()))
              .and(WEBHOOK_ENDPOINT_DISABLED.INSTANCE_NAME.eq(place.instanceName()))
              .and(WEBHOOK_ENDPOINT_DISABLED.ENDPOINT_ID.eq(endpointId))
              .execute();
      jooq.update(WEBHOOK_LANE)
          .set(WEBHOOK_LANE.DUE_AT, now.atOffset(ZoneOffset.UTC))
          .where(lanesOf(place, endpointId))
          .and(WEBHOOK_LANE.DUE_AT.eq(NEVER))
          .execute();
      return deleted == 1;
    });
  }

  /** The cursor first, as planning does, then the lanes in one order, as everywhere. */
  private static DSLContext lock(Connection connection, TenantInstance place, String endpointId)
      throws SQLException {
    DSLContext jooq = DSL.using(connection, SQLDialect.POSTGRES);
    var _ =
        jooq.selectOne()
            .from(EVENT_CURSOR)
            .where(EVENT_CURSOR.CONSUMER.eq(inline("webhooks")))
            .forUpdate()
            .fetch();
    var _ =
        jooq.selectOne()
            .from(WEBHOOK_LANE)
            .where(lanesOf(place, endpointId))
            .orderBy(
                WEBHOOK_LANE.TENANT_NAME,
                WEBHOOK_LANE.INSTANCE_NAME,
                WEBHOOK_LANE.PATIENT_ID,
                WEBHOOK_LANE.ENDPOINT_ID)
            .forUpdate()
            .fetch();
    return jooq;
  }

  private static Condition lanesOf(TenantInstance place, String endpointId) {
    return WEBHOOK_LANE
        .TENANT_NAME
        .eq(place.tenantName())
        .and(WEBHOOK_LANE.INSTANCE_NAME.eq(place.instanceName()))
        .and(WEBHOOK_LANE.ENDPOINT_ID.eq(endpointId));
  }
}
