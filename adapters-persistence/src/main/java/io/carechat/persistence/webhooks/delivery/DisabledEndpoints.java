package io.carechat.persistence.webhooks.delivery;
import static io.carechat.domain.events.InstanceEvent.Reason.FAILING;
import static io.carechat.domain.events.InstanceEvent.Reason.GONE;
import static io.carechat.persistence.generated.Tables.EVENT_CURSOR;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_DISABLED;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_FAILING;
import static org.jooq.impl.DSL.inline;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints that said that they are gone, failed for too long, or were disabled by somebody. Their
 * lanes wait for ever, as {@link LaneChanges} sees to, instead of being passed over by every claim.
 * Disabling, enabling and planning exclude each other by the lock of the cursor's row, so that no
 * lane of an enabled endpoint is left waiting.
 */
final class DisabledEndpoints {
  /** In two rows, if it fails and is disabled. */
  private static final String HEALTH =
      """
      select endpoint_id, since, null::text as reason, null::timestamptz as disabled_at
      from carechat.webhook_endpoint_failing
      where tenant_name = ? and instance_name = ?
      union all
      select endpoint_id, null, reason, disabled_at
      from carechat.webhook_endpoint_disabled
      where tenant_name = ? and instance_name = ?
      """;

  /** There are few rows: of each endpoint whose last attempt failed. */
  private static final String HOPELESS =
      """
      select tenant_name, instance_name, endpoint_id
      from carechat.webhook_endpoint_failing failing
      where last_failed_at >= since + ? * interval '1 millisecond'
        and not exists (
          select
          from carechat.webhook_endpoint_disabled disabled
          where disabled.tenant_name = failing.tenant_name
            and disabled.instance_name = failing.instance_name
            and disabled.endpoint_id = failing.endpoint_id)
      """;

  /** Waits for whoever is just recording a success or a failure, and looks again. */
  private static final String IS_HOPELESS =
      """
      select
      from carechat.webhook_endpoint_failing
      where tenant_name = ? and instance_name = ? and endpoint_id = ?
        and last_failed_at >= since + ? * interval '1 millisecond'
      for update
      """;

  /** In no chat: the patient is all zeros. */
  private static final String LOG =
      """
      insert into carechat.chat_event (
        tenant_name, instance_name, patient_id, log_transaction, log_number, type, occurred_at, endpoint_id, reason)
      values (
        ?, ?, '00000000-0000-0000-0000-000000000000', pg_current_xact_id()::text::bigint,
        nextval('carechat.event_number'), 'ENDPOINT_DISABLED', ?, ?, ?)
      """;

  private final Connections reading;
  private final Connections writing;
  private final LaneChanges lanes;

  private record Endpoint(TenantInstance instance, String id) {}

  DisabledEndpoints(Connections reading, Connections writing, LaneChanges lanes) {
    this.reading = reading;
    this.writing = writing;
    this.lanes = lanes;
  }

  /** How those of an instance do that fail or are disabled. */
  Map<String, EndpointHealth> health(TenantInstance instance) {
    record Part(String endpointId, EndpointHealth health) {}

    List<Part> parts =
        reading.read(
            instance,
            HEALTH,
            parameters -> parameters.scope(instance).scope(instance),
            row -> new Part(row.getString("endpoint_id"), health(row)));
    return parts.stream()
        .collect(Collectors.toMap(Part::endpointId, Part::health, EndpointHealth::and));
  }

  private static EndpointHealth health(ResultSet row) throws SQLException {
    String reason = row.getString("reason");
    Instant disabledAt = Rows.timeOrNull(row, "disabled_at");
    return new EndpointHealth(
        Rows.timeOrNull(row, "since"),
        disabledAt == null
            ? null
            : new EndpointHealth.Disabled(
                reason == null ? null : InstanceEvent.Reason.valueOf(reason), disabledAt));
  }

  /** Settles the delivery whose answer was that the endpoint is gone; false if it had no claim. */
  boolean disable(Settlement gone) {
    ClaimedDelivery delivery = gone.delivery();
    TenantInstance instance = delivery.message().chat().instance();
    var endpoint = new Endpoint(instance, delivery.endpointId());
    boolean settled =
        writing.inTransaction(connection -> {
          boolean _ = disable(connection, lock(connection), endpoint, GONE, gone.now());
          boolean valid = DeliverySettlements.settle(connection, List.of(gone)).getFirst().valid();
          if (!valid) {
            connection.rollback();
          }
          return valid;
        });
    if (settled) {
      lanes.begin(instance, delivery.endpointId(), gone.now());
    }
    return settled;
  }

  /** Holds the deliveries of an endpoint back; true if it was not disabled before. */
  boolean disable(TenantInstance instance, String endpointId, Instant now) {
    var endpoint = new Endpoint(instance, endpointId);
    boolean isNew =
        writing.inTransaction(
            connection -> disable(connection, lock(connection), endpoint, null, now));
    lanes.begin(instance, endpointId, now);
    return isNew;
  }

  /** Disables those that fail for longer than is borne, and tells how many there were. */
  int disableFailing(Duration patience, Instant now) {
    List<Endpoint> hopeless =
        writing.read(
            HOPELESS,
            parameters -> parameters.number(patience.toMillis()),
            row ->
                new Endpoint(
                    new TenantInstance(
                        row.getString("tenant_name"), row.getString("instance_name")),
                    row.getString("endpoint_id")));
    int disabled = 0;
    for (Endpoint endpoint : hopeless) {
      if (disableFailing(endpoint, patience, now)) {
        disabled++;
      }
    }
    return disabled;
  }

  private boolean disableFailing(Endpoint endpoint, Duration patience, Instant now) {
    return writing.inTransaction(connection -> {
      DSLContext jooq = lock(connection);
      try (PreparedStatement statement = connection.prepareStatement(IS_HOPELESS)) {
        new Parameters(statement)
            .text(endpoint.instance().tenantName())
            .text(endpoint.instance().instanceName())
            .text(endpoint.id())
            .number(patience.toMillis());
        try (ResultSet rows = statement.executeQuery()) {
          return rows.next() && disable(connection, jooq, endpoint, FAILING, now);
        }
      }
    });
  }

  /**
   * False if it was disabled before.
   *
   * @param reason to be logged; null if somebody wanted it
   */
  private static boolean disable(
      Connection connection,
      DSLContext jooq,
      Endpoint endpoint,
      InstanceEvent.@Nullable Reason reason,
      Instant now)
      throws SQLException {
    TenantInstance instance = endpoint.instance();
    boolean isNew =
        jooq.insertInto(WEBHOOK_ENDPOINT_DISABLED)
                .set(WEBHOOK_ENDPOINT_DISABLED.TENANT_NAME, instance.tenantName())
                .set(WEBHOOK_ENDPOINT_DISABLED.INSTANCE_NAME, instance.instanceName())
                .set(WEBHOOK_ENDPOINT_DISABLED.ENDPOINT_ID, endpoint.id())
                .set(WEBHOOK_ENDPOINT_DISABLED.DISABLED_AT, now.atOffset(ZoneOffset.UTC))
                .set(WEBHOOK_ENDPOINT_DISABLED.REASON, reason == null ? null : reason.name())
                .onConflictDoNothing()
                .execute()
            == 1;
    if (isNew && reason != null) {
      try (PreparedStatement statement = connection.prepareStatement(LOG)) {
        new Parameters(statement)
            .text(instance.tenantName())
            .text(instance.instanceName())
            .time(now.truncatedTo(ChronoUnit.MILLIS))
            .text(endpoint.id())
            .text(reason.name());
        int _ = statement.executeUpdate();
      }
    }
    LaneChanges.ask(jooq, instance, endpoint.id(), true);
    return isNew;
  }

  /** Lets it have its deliveries again; true if it was disabled. */
  boolean enable(TenantInstance instance, String endpointId, Instant now) {
    boolean wasDisabled =
        writing.inTransaction(connection -> {
          DSLContext jooq = lock(connection);
          int deleted =
              jooq.deleteFrom(WEBHOOK_ENDPOINT_DISABLED)
                  .where(WEBHOOK_ENDPOINT_DISABLED.TENANT_NAME.eq(instance.tenantName()))
                  .and(WEBHOOK_ENDPOINT_DISABLED.INSTANCE_NAME.eq(instance.instanceName()))
                  .and(WEBHOOK_ENDPOINT_DISABLED.ENDPOINT_ID.eq(endpointId))
                  .execute();
          if (deleted == 1) {
            jooq.deleteFrom(WEBHOOK_ENDPOINT_FAILING)
                .where(WEBHOOK_ENDPOINT_FAILING.TENANT_NAME.eq(instance.tenantName()))
                .and(WEBHOOK_ENDPOINT_FAILING.INSTANCE_NAME.eq(instance.instanceName()))
                .and(WEBHOOK_ENDPOINT_FAILING.ENDPOINT_ID.eq(endpointId))
                .execute();
          }
          LaneChanges.ask(jooq, instance, endpointId, false);
          return deleted == 1;
        });
    lanes.begin(instance, endpointId, now);
    return wasDisabled;
  }

  /**
   * Lets the log's readers know that something may be logged, before locking a row gives this
   * transaction its id. Then locks the cursor, as planning does. What follows must first ask for
   * the {@link LaneChanges}, and lock lanes after that, as those do.
   */
  private static DSLContext lock(Connection connection) {
    DSLContext jooq = DSL.using(connection, SQLDialect.POSTGRES);
    var _ = jooq.fetch("select " + LogOrder.ENTER);
    var _ =
        jooq.selectOne()
            .from(EVENT_CURSOR)
            .where(EVENT_CURSOR.CONSUMER.eq(inline("webhooks")))
            .forUpdate()
            .fetch();
    return jooq;
  }
}
