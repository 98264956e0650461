package io.carechat.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Records attempts and what follows from them, many in one transaction and one round trip. */
final class DeliverySettlements {
  /**
   * Two statements, sent with one Sync message, which makes them one transaction. The first locks
   * the lanes, in one order. The second takes its snapshot after that: whoever has planned a
   * delivery for one of the lanes has committed it, or waits, and makes the lane again if it was
   * removed.
   */
  private static final String SETTLE =
      """
      select count(*)
      from (
        select
        from carechat.webhook_lane lane
          join unnest(?::text[], ?::text[], ?::uuid[], ?::text[], ?::uuid[])
            as given (tenant_name, instance_name, patient_id, endpoint_id, claim)
          using (tenant_name, instance_name, patient_id, endpoint_id, claim)
        order by lane.tenant_name, lane.instance_name, lane.patient_id, lane.endpoint_id
        for update of lane
      ) as locked;

      with given as (
        select *
        from unnest(
          ?::text[], ?::text[], ?::uuid[], ?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::timestamptz[],
          ?::timestamptz[], ?::bigint[], ?::integer[], ?::text[]
        ) as given (
          tenant_name, instance_name, patient_id, endpoint_id, claim, delivery_id, state, due_at, ended_at, took_ms,
          status, note)
      ),
      valid as (
        select given.*
        from given
          join carechat.webhook_lane lane
            using (tenant_name, instance_name, patient_id, endpoint_id, claim)
          join carechat.webhook_delivery delivery
            using (tenant_name, instance_name, patient_id, endpoint_id, delivery_id)
      ),
      settled as (
        update carechat.webhook_delivery delivery
        set state = valid.state, attempts = delivery.attempts + 1
        from valid
        where delivery.tenant_name = valid.tenant_name
          and delivery.instance_name = valid.instance_name
          and delivery.patient_id = valid.patient_id
          and delivery.delivery_id = valid.delivery_id
          and delivery.endpoint_id = valid.endpoint_id
          and delivery.state = 'PENDING'
        returning valid.*, delivery.attempts as attempt
      ),
      attempted as (
        insert into carechat.webhook_attempt (
          tenant_name, instance_name, patient_id, delivery_id, attempt, ended_at, took_ms, status, note)
        select
          tenant_name, instance_name, patient_id, delivery_id, attempt, ended_at, took_ms, status, note
        from settled
      ),
      -- Of every lane, also where the delivery was settled before: such a lane must not stay claimed.
      left_over as (
        select
          valid.*,
          exists (
            select
            from carechat.webhook_delivery delivery
            where delivery.tenant_name = valid.tenant_name
              and delivery.instance_name = valid.instance_name
              and delivery.patient_id = valid.patient_id
              and delivery.endpoint_id = valid.endpoint_id
              and delivery.state = 'PENDING'
              and (delivery.delivery_id <> valid.delivery_id or valid.state = 'PENDING')
          ) as waits
        from valid
      ),
      ended as (
        delete from carechat.webhook_lane lane
        using left_over
        where lane.tenant_name = left_over.tenant_name
          and lane.instance_name = left_over.instance_name
          and lane.patient_id = left_over.patient_id
          and lane.endpoint_id = left_over.endpoint_id
          and not left_over.waits
      ),
      freed as (
        update carechat.webhook_lane lane
        set claim = null, due_at = left_over.due_at
        from left_over
        where lane.tenant_name = left_over.tenant_name
          and lane.instance_name = left_over.instance_name
          and lane.patient_id = left_over.patient_id
          and lane.endpoint_id = left_over.endpoint_id
          and left_over.waits
      )
      select claim from settled
      """;

  private DeliverySettlements() {}

  /** Settles a batch; each answer says whether the claim was still valid. */
  static List<Boolean> settle(Connection connection, List<Settlement> batch) throws SQLException {
    Set<UUID> settled = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(SETTLE)) {
      var parameters = new Parameters(statement);
      lanes(parameters, batch);
      lanes(parameters, batch)
          .column("uuid", batch, settlement -> settlement.delivery().id().value())
          .column("text", batch, settlement -> settlement.state().name())
          .column("timestamptz", batch, Settlement::due)
          .column("timestamptz", batch, Settlement::now)
          .column("bigint", batch, settlement -> settlement.answer().took().toMillis())
          .column("integer", batch, Settlement::status)
          .column("text", batch, Settlement::note);
      try (ResultSet rows = Connections.second(statement)) {
        while (rows.next()) {
          settled.add(Rows.uuid(rows, "claim"));
        }
      }
    }
    var answers = new ArrayList<Boolean>();
    for (Settlement settlement : batch) {
      // Should somebody settle one claim twice, one of the two is told no.
      answers.add(settled.remove(settlement.delivery().claim()));
    }
    return answers;
  }

  private static Parameters lanes(Parameters parameters, List<Settlement> batch)
      throws SQLException {
    return parameters
        .column(
            "text",
            batch,
            settlement -> settlement.delivery().message().chat().place().tenantName())
        .column(
            "text",
            batch,
            settlement -> settlement.delivery().message().chat().place().instanceName())
        .column(
            "uuid", batch, settlement -> settlement.delivery().message().chat().patient().value())
        .column("text", batch, settlement -> settlement.delivery().endpointId())
        .column("uuid", batch, settlement -> settlement.delivery().claim());
  }
}
