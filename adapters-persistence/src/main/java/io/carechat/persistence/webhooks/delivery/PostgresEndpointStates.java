package io.carechat.persistence.webhooks.delivery;

import static io.carechat.domain.events.InstanceEvent.Reason.FAILING;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_DISABLED;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_FAILING;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.domain.webhooks.delivery.EndpointStates;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.webhooks.EndpointSwitch;
import io.carechat.persistence.webhooks.LaneChanges;
import io.carechat.persistence.webhooks.WebhookKeys;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.Param;

/** Which endpoints fail, and which are disabled. */
public final class PostgresEndpointStates implements EndpointStates {
  private static final Param<Long> TOLERATED_MILLIS = Parameters.bigint("tolerated_ms");

  /** In two rows, if an endpoint fails and is disabled. */
  private static final SqlStatement HEALTH =
      SqlStatement.ofInstance(
          select(
                  WEBHOOK_ENDPOINT_FAILING.ENDPOINT_ID,
                  WEBHOOK_ENDPOINT_FAILING.SINCE,
                  castNull(WEBHOOK_ENDPOINT_DISABLED.REASON).as(WEBHOOK_ENDPOINT_DISABLED.REASON),
                  castNull(WEBHOOK_ENDPOINT_DISABLED.DISABLED_AT)
                      .as(WEBHOOK_ENDPOINT_DISABLED.DISABLED_AT))
              .from(WEBHOOK_ENDPOINT_FAILING)
              .where(WEBHOOK_ENDPOINT_FAILING.TENANT_NAME.eq(Parameters.TENANT))
              .and(WEBHOOK_ENDPOINT_FAILING.INSTANCE_NAME.eq(Parameters.INSTANCE))
              .unionAll(
                  select(
                          WEBHOOK_ENDPOINT_DISABLED.ENDPOINT_ID,
                          castNull(WEBHOOK_ENDPOINT_FAILING.SINCE),
                          WEBHOOK_ENDPOINT_DISABLED.REASON,
                          WEBHOOK_ENDPOINT_DISABLED.DISABLED_AT)
                      .from(WEBHOOK_ENDPOINT_DISABLED)
                      .where(WEBHOOK_ENDPOINT_DISABLED.TENANT_NAME.eq(Parameters.TENANT))
                      .and(WEBHOOK_ENDPOINT_DISABLED.INSTANCE_NAME.eq(Parameters.INSTANCE))));

  private static final Column<String> HEALTH_ENDPOINT =
      HEALTH.column(WEBHOOK_ENDPOINT_FAILING.ENDPOINT_ID);
  private static final Column<Instant> HEALTH_SINCE = HEALTH.column(WEBHOOK_ENDPOINT_FAILING.SINCE);
  private static final Column<String> HEALTH_REASON =
      HEALTH.column(WEBHOOK_ENDPOINT_DISABLED.REASON);
  private static final Column<Instant> HEALTH_DISABLED_AT =
      HEALTH.column(WEBHOOK_ENDPOINT_DISABLED.DISABLED_AT);

  /** The table is small: it has a row for each endpoint whose last attempt failed. */
  private static final SqlStatement FAILED_TOO_LONG =
      SqlStatement.of(
          select(
                  WEBHOOK_ENDPOINT_FAILING.TENANT_NAME,
                  WEBHOOK_ENDPOINT_FAILING.INSTANCE_NAME,
                  WEBHOOK_ENDPOINT_FAILING.ENDPOINT_ID)
              .from(WEBHOOK_ENDPOINT_FAILING)
              .where(failedTooLong())
              .and(DisabledEndpoints.doNotContain(endpoint(WEBHOOK_ENDPOINT_FAILING))));

  private static final RowMapper<TenantInstance> FAILED_INSTANCE =
      ChatKeys.instances(FAILED_TOO_LONG);
  private static final Column<String> FAILED_ENDPOINT =
      FAILED_TOO_LONG.column(WEBHOOK_ENDPOINT_FAILING.ENDPOINT_ID);

  /** Waits for a transaction that is recording a success or a failure, and checks again. */
  private static final SqlStatement LOCK_IF_FAILED_TOO_LONG =
      SqlStatement.of(
          selectOne()
              .from(WEBHOOK_ENDPOINT_FAILING)
              .where(endpoint(WEBHOOK_ENDPOINT_FAILING).eq(endpoint()))
              .and(failedTooLong())
              .forUpdate());

  private final Connections reading;
  private final Connections working;
  private final LaneChanges lanes;
  private final InstantSource clock;

  private record Endpoint(TenantInstance instance, EndpointId id) {}

  /**
   * @param clock when lanes become due
   */
  public PostgresEndpointStates(Connections reading, Connections working, InstantSource clock) {
    this.reading = reading;
    this.working = working;
    this.lanes = new LaneChanges(working);
    this.clock = clock;
  }

  private static Condition failedTooLong() {
    return WEBHOOK_ENDPOINT_FAILING.LAST_FAILED_AT.ge(
        field(
            "{0} + {1} * interval '1 millisecond'",
            WEBHOOK_ENDPOINT_FAILING.SINCE.getDataType(),
            WEBHOOK_ENDPOINT_FAILING.SINCE,
            TOLERATED_MILLIS));
  }

  @Override
  public Map<EndpointId, EndpointHealth> health(TenantInstance instance) {
    record Part(EndpointId id, EndpointHealth health) {}

    List<Part> parts =
        reading.read(
            HEALTH.bind().instance(instance),
            row -> new Part(new EndpointId(HEALTH_ENDPOINT.get(row)), health(row)));
    return parts.stream().collect(Collectors.toMap(Part::id, Part::health, EndpointHealth::and));
  }

  private static EndpointHealth health(ResultSet row) throws SQLException {
    String reason = HEALTH_REASON.getOrNull(row);
    Instant disabledAt = HEALTH_DISABLED_AT.getOrNull(row);
    return new EndpointHealth(
        HEALTH_SINCE.getOrNull(row),
        disabledAt == null
            ? null
            : new EndpointHealth.Disabled(
                reason == null ? null : InstanceEvent.Reason.valueOf(reason), disabledAt));
  }

  @Override
  public boolean enable(TenantInstance instance, EndpointId id) {
    Instant now = clock.instant();
    boolean wasDisabled =
        working.inTransaction(connection -> {
          EndpointSwitch.lock(connection);
          boolean disabled = EndpointSwitch.enable(connection, instance, id);
          if (disabled) {
            EndpointSwitch.raiseVersion(connection, instance, id, now);
          }
          return disabled;
        });
    lanes.begin(instance, id, now);
    return wasDisabled;
  }

  @Override
  public int disableFailing(Duration tolerated, Instant now) {
    List<Endpoint> failing =
        working.read(
            FAILED_TOO_LONG.bind().set(TOLERATED_MILLIS, tolerated.toMillis()),
            row ->
                new Endpoint(FAILED_INSTANCE.map(row), new EndpointId(FAILED_ENDPOINT.get(row))));
    int disabled = 0;
    for (Endpoint endpoint : failing) {
      if (disableIfFailing(endpoint, tolerated, now)) {
        disabled++;
      }
    }
    return disabled;
  }

  private boolean disableIfFailing(Endpoint endpoint, Duration tolerated, Instant now) {
    return working.inTransaction(connection -> {
      EndpointSwitch.lock(connection);
      boolean isFailing =
          WebhookKeys.bind(LOCK_IF_FAILED_TOO_LONG.bind(), endpoint.instance(), endpoint.id())
              .set(TOLERATED_MILLIS, tolerated.toMillis())
              .readFirst(connection, row -> true)
              .isPresent();
      return isFailing
          && EndpointSwitch.disable(connection, endpoint.instance(), endpoint.id(), FAILING, now);
    });
  }
}
