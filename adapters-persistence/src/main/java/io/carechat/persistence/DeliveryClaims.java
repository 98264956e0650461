package io.carechat.persistence;

import io.carechat.domain.ClaimedDelivery;
import io.carechat.domain.DeliveryId;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Takes the deliveries that are due. */
final class DeliveryClaims {
  /**
   * Lanes that another takes at this moment are skipped, not waited for. A claim moves the lane's
   * time past the lease: if it is not settled by then, it is simply due again. Of a lane, its first
   * pending delivery is given. The lanes of disabled endpoints normally wait for ever; those that a
   * worker had when its endpoint was disabled may have come back with a time.
   */
  private static final String CLAIM =
      """
      with due as (
        select *
        from carechat.webhook_lane lane
        where due_at <= ?
          and not exists (
            select
            from carechat.webhook_endpoint_disabled disabled
            where disabled.tenant_name = lane.tenant_name
              and disabled.instance_name = lane.instance_name
              and disabled.endpoint_id = lane.endpoint_id)
        order by due_at
        limit ?
        for update of lane skip locked
      ),
      claimed as (
        update carechat.webhook_lane lane
        set due_at = ?, claim = gen_random_uuid()
        from due
        where lane.tenant_name = due.tenant_name
          and lane.instance_name = due.instance_name
          and lane.patient_id = due.patient_id
          and lane.endpoint_id = due.endpoint_id
        returning lane.*, due.due_at as was_due_at
      )
      select
        claimed.claim, claimed.tenant_name, claimed.instance_name, claimed.patient_id, claimed.endpoint_id,
        first.delivery_id, first.patient_url, first.attempts, event.type, event.reader_type, event.occurred_at,
        message.created_at, message.external_id, message.sender_id, message.sender_type, message.sender_title,
        message.text
      from claimed
        cross join lateral (
          select *
          from carechat.webhook_delivery delivery
          where delivery.tenant_name = claimed.tenant_name
            and delivery.instance_name = claimed.instance_name
            and delivery.patient_id = claimed.patient_id
            and delivery.endpoint_id = claimed.endpoint_id
            and delivery.state = 'PENDING'
          order by log_transaction, log_number
          limit 1
        ) as first
        join carechat.message message
          on message.tenant_name = claimed.tenant_name
          and message.instance_name = claimed.instance_name
          and message.patient_id = claimed.patient_id
          and message.created_at = first.message_created_at
        join carechat.chat_event event
          on event.tenant_name = claimed.tenant_name
          and event.instance_name = claimed.instance_name
          and event.patient_id = claimed.patient_id
          and event.log_transaction = first.log_transaction
          and event.log_number = first.log_number
      order by claimed.was_due_at, first.log_transaction, first.log_number
      """;

  private final Connections connections;

  DeliveryClaims(Connections connections) {
    this.connections = connections;
  }

  List<ClaimedDelivery> claim(int limit, Instant now, Duration lease) {
    return connections.read(
        CLAIM,
        parameters -> parameters.time(now).number(limit).time(now.plus(lease)),
        DeliveryClaims::claimed);
  }

  private static ClaimedDelivery claimed(ResultSet row) throws SQLException {
    return new ClaimedDelivery(
        new DeliveryId(Rows.uuid(row, "delivery_id")),
        row.getString("endpoint_id"),
        Rows.chatEvent(row),
        URI.create(row.getString("patient_url")),
        row.getInt("attempts") + 1,
        Rows.uuid(row, "claim"));
  }
}
