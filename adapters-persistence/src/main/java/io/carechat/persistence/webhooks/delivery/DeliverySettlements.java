package io.carechat.persistence.webhooks.delivery;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
          ?::text[], ?::text[], ?::uuid[], ?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::timestamptz[],
          ?::timestamptz[], ?::bigint[], ?::integer[], ?::text[], ?::timestamptz[]
        ) as given (
          tenant_name, instance_name, patient_id, endpoint_id, claim, delivery_id, effect, state, due_at, ended_at,
          took_ms, status, note, go_on_until)
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
        set
          state = valid.state,
          attempts = delivery.attempts + 1,
          not_before = case valid.state when 'PENDING' then valid.due_at end
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
      -- A failure is written where there was none before, and then once a minute.
      failed as (
        insert into carechat.webhook_endpoint_failing as failing (
          tenant_name, instance_name, endpoint_id, since, last_failed_at)
        select tenant_name, instance_name, endpoint_id, min(ended_at), max(ended_at)
        from settled
        group by tenant_name, instance_name, endpoint_id
        having bool_or(effect = 'FAILS') and not bool_or(effect = 'WORKS')
        order by tenant_name, instance_name, endpoint_id
        on conflict (tenant_name, instance_name, endpoint_id) do update
          set last_failed_at = excluded.last_failed_at
          where excluded.last_failed_at >= failing.last_failed_at + interval '1 minute'
      ),
      recovered as (
        delete from carechat.webhook_endpoint_failing failing
        using settled
        where settled.effect = 'WORKS'
          and failing.tenant_name = settled.tenant_name
          and failing.instance_name = settled.instance_name
          and failing.endpoint_id = settled.endpoint_id
      ),
      -- Of every lane, also where the delivery was settled before: such a lane must not stay claimed. What was redelivered
      -- meanwhile may come before the delivery that was settled.
      left_over as (
        select
          valid.*,
          first.delivery_id is not null as waits,
          case when first.delivery_id = valid.delivery_id then valid.due_at else first.not_before end as next_at,
          first.delivery_id as next_id,
          first.delivery_id is not null
            and valid.go_on_until is not null
            and coalesce(first.not_before <= valid.ended_at, true)
            and not exists (
              select
              from carechat.webhook_endpoint_disabled disabled
              where disabled.tenant_name = valid.tenant_name
                and disabled.instance_name = valid.instance_name
                and disabled.endpoint_id = valid.endpoint_id) as goes_on
        from valid
          left join lateral (
            select delivery.delivery_id, delivery.not_before
            from carechat.webhook_delivery delivery
            where delivery.tenant_name = valid.tenant_name
              and delivery.instance_name = valid.instance_name
              and delivery.patient_id = valid.patient_id
              and delivery.endpoint_id = valid.endpoint_id
              and delivery.state = 'PENDING'
              and (delivery.delivery_id <> valid.delivery_id or valid.state = 'PENDING')
            order by delivery.log_transaction, delivery.log_number
            limit 1
          ) as first on true
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
        set claim = null, due_at = coalesce(left_over.next_at, left_over.ended_at)
        from left_over
        where lane.tenant_name = left_over.tenant_name
          and lane.instance_name = left_over.instance_name
          and lane.patient_id = left_over.patient_id
          and lane.endpoint_id = left_over.endpoint_id
          and left_over.waits
          and not left_over.goes_on
      ),
      -- Under a new claim, so that nobody can settle the old one again.
      kept as (
        update carechat.webhook_lane lane
        set claim = gen_random_uuid(), due_at = left_over.go_on_until
        from left_over
        where lane.tenant_name = left_over.tenant_name
          and lane.instance_name = left_over.instance_name
          and lane.patient_id = left_over.patient_id
          and lane.endpoint_id = left_over.endpoint_id
          and left_over.goes_on
        returning lane.*, left_over.claim as settled_claim, left_over.next_id
      )
      select valid.claim as settled_claim, settled.claim is not null as is_settled,
      CLAIMED
      from valid
        left join settled on settled.claim = valid.claim
        left join kept on kept.settled_claim = valid.claim
        left join carechat.webhook_delivery first
          on first.tenant_name = kept.tenant_name
          and first.instance_name = kept.instance_name
          and first.patient_id = kept.patient_id
          and first.endpoint_id = kept.endpoint_id
          and first.delivery_id = kept.next_id
        left join carechat.message message
          on message.tenant_name = kept.tenant_name
          and message.instance_name = kept.instance_name
          and message.patient_id = kept.patient_id
          and message.created_at = first.message_created_at
        left join carechat.chat_event event
          on event.tenant_name = kept.tenant_name
          and event.instance_name = kept.instance_name
          and event.patient_id = kept.patient_id
          and event.log_transaction = first.log_transaction
          and event.log_number = first.log_number
      """
          .replace("CLAIMED", DeliveryClaims.columns("kept"));

  private DeliverySettlements() {}

  /** Settles a batch; the answers are in its order. */
  static List<SettlementResult> settle(Connection connection, List<Settlement> batch) throws SQLException {
    Map<UUID, SettlementResult> settled = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(SETTLE)) {
      var parameters = new Parameters(statement);
      lanes(parameters, batch);
      lanes(parameters, batch)
          .column("uuid", batch, settlement -> settlement.delivery().id().value())
          .column("text", batch, settlement -> settlement.effect().name())
          .column("text", batch, settlement -> settlement.state().name())
          .column("timestamptz", batch, Settlement::due)
          .column("timestamptz", batch, Settlement::now)
          .column("bigint", batch, settlement -> settlement.answer().took().toMillis())
          .column("integer", batch, Settlement::status)
          .column("text", batch, Settlement::note)
          .column("timestamptz", batch, Settlement::goOnUntil);
      try (ResultSet rows = Connections.second(statement)) {
        while (rows.next()) {
          boolean goesOn = rows.getObject("claim") != null;
          settled.put(
              Rows.uuid(rows, "settled_claim"),
              new SettlementResult(
                  rows.getBoolean("is_settled"), goesOn ? DeliveryClaims.claimed(rows) : null));
        }
      }
    }
    var answers = new ArrayList<SettlementResult>();
    for (Settlement settlement : batch) {
      // Should somebody settle one claim twice, one of the two is told no.
      SettlementResult answer = settled.remove(settlement.delivery().claim());
      answers.add(answer == null ? new SettlementResult(false, null) : answer);
    }
    return answers;
  }

  private static Parameters lanes(Parameters parameters, List<Settlement> batch)
      throws SQLException {
    return parameters
        .column(
            "text",
            batch,
            settlement -> settlement.delivery().message().chat().instance().tenantName())
        .column(
            "text",
            batch,
            settlement -> settlement.delivery().message().chat().instance().instanceName())
        .column(
            "uuid", batch, settlement -> settlement.delivery().message().chat().patient().value())
        .column("text", batch, settlement -> settlement.delivery().endpointId())
        .column("uuid", batch, settlement -> settlement.delivery().claim());
  }
}
