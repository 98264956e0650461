package io.carechat.persistence.webhooks.delivery;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Turns events into deliveries, each event once. */
final class DeliveryPlans {
  private static final String CURSOR =
      "select log_transaction, log_number from carechat.event_cursor where consumer = 'webhooks'";

  /** Locks the cursor's row until the commit, and so all other planning, disabling and enabling. */
  private static final String MOVE =
      """
      update carechat.event_cursor
      set log_transaction = ?, log_number = ?, planned_at = greatest(planned_at, ?)
      where consumer = 'webhooks' and log_transaction = ? and log_number = ?
      returning planned_at
      """;

  /**
   * A lane that is there keeps its time, but is locked, which is what the WHERE that is never true
   * is for: whoever settles the lane's last delivery, and would remove the lane, then waits, and
   * finds the new one; or was first, and then the lane is made again. Lanes are locked in one
   * order, as everywhere. The lanes of a disabled endpoint wait for ever, out of the way of claims.
   */
  private static final String INSERT =
      """
      with given as (
        select *
        from unnest(
          ?::text[], ?::text[], ?::uuid[], ?::text[], ?::bigint[], ?::bigint[], ?::uuid[], ?::timestamptz[], ?::text[]
        ) as given (
          tenant_name, instance_name, patient_id, endpoint_id, log_transaction, log_number, delivery_id,
          message_created_at, patient_url)
      ),
      lanes as (
        insert into carechat.webhook_lane as lane (tenant_name, instance_name, patient_id, endpoint_id, due_at)
        select distinct
          tenant_name, instance_name, patient_id, endpoint_id,
          case
            when exists (
              select
              from carechat.webhook_endpoint_disabled disabled
              where disabled.tenant_name = given.tenant_name
                and disabled.instance_name = given.instance_name
                and disabled.endpoint_id = given.endpoint_id)
            then 'infinity' else ?::timestamptz
          end
        from given
        order by tenant_name, instance_name, patient_id, endpoint_id
        on conflict (tenant_name, instance_name, patient_id, endpoint_id) do update
          set due_at = lane.due_at where false
      )
      insert into carechat.webhook_delivery (
        tenant_name, instance_name, patient_id, endpoint_id, log_transaction, log_number, delivery_id,
        message_created_at, patient_url, state, attempts, created_at)
      select
        tenant_name, instance_name, patient_id, endpoint_id, log_transaction, log_number, delivery_id,
        message_created_at, patient_url, 'PENDING', 0, ?
      from given
      """;

  private final Connections connections;

  DeliveryPlans(Connections connections) {
    this.connections = connections;
  }

  LogPosition upTo() {
    return connections
        .read(
            CURSOR,
            parameters -> {},
            row -> new LogPosition(row.getLong("log_transaction"), row.getLong("log_number")))
        .getFirst();
  }

  boolean plan(LogPosition from, LogPosition to, List<NewDelivery> deliveries, Instant now) {
    return connections.inTransaction(connection -> {
      Optional<Instant> plannedAt = move(connection, from, to, now);
      if (plannedAt.isPresent() && !deliveries.isEmpty()) {
        insert(connection, deliveries, now, plannedAt.get());
      }
      return plannedAt.isPresent();
    });
  }

  /** Empty if the cursor stands elsewhere; else when the deliveries are to be created. */
  private static Optional<Instant> move(
      Connection connection, LogPosition from, LogPosition to, Instant now) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MOVE)) {
      new Parameters(statement)
          .number(to.transaction())
          .number(to.number())
          .time(now.truncatedTo(ChronoUnit.MILLIS))
          .number(from.transaction())
          .number(from.number());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(Rows.time(rows, "planned_at")) : Optional.empty();
      }
    }
  }

  private static void insert(
      Connection connection, List<NewDelivery> deliveries, Instant now, Instant plannedAt)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      new Parameters(statement)
          .column("text", deliveries, delivery -> delivery.message().chat().instance().tenantName())
          .column("text", deliveries, delivery -> delivery.message().chat().instance().instanceName())
          .column("uuid", deliveries, delivery -> delivery.message().chat().patient().value())
          .column("text", deliveries, NewDelivery::endpointId)
          .column("bigint", deliveries, delivery -> delivery.position().transaction())
          .column("bigint", deliveries, delivery -> delivery.position().number())
          .column("uuid", deliveries, delivery -> delivery.id().value())
          .column("timestamptz", deliveries, delivery -> delivery.message().createdAt())
          .column("text", deliveries, delivery -> delivery.patientUrl().toString())
          .time(now)
          .time(plannedAt);
      int _ = statement.executeUpdate();
    }
  }
}
