package io.carechat.persistence.webhooks.delivery;
import io.carechat.persistence.jdbc.Parameters;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** Removes what was delivered long ago. */
final class DeliveryRetention {
  /**
   * The endpoints are found one after the other along the index that begins with them, and of each
   * its oldest deliveries. One that is redelivered at this moment is pending by the time that it is
   * locked, and stays.
   */
  private static final String FORGET =
      """
      with recursive endpoint as (
        (
          select tenant_name, instance_name, endpoint_id
          from carechat.webhook_delivery
          order by tenant_name, instance_name, endpoint_id
          limit 1
        )
        union all
        select next.*
        from endpoint
          cross join lateral (
            select delivery.tenant_name, delivery.instance_name, delivery.endpoint_id
            from carechat.webhook_delivery delivery
            where (delivery.tenant_name, delivery.instance_name, delivery.endpoint_id)
              > (endpoint.tenant_name, endpoint.instance_name, endpoint.endpoint_id)
            order by delivery.tenant_name, delivery.instance_name, delivery.endpoint_id
            limit 1
          ) as next
      ),
      old as (
        select oldest.*
        from endpoint
          cross join lateral (
            select
              delivery.tenant_name, delivery.instance_name, delivery.patient_id, delivery.endpoint_id,
              delivery.log_transaction, delivery.log_number
            from carechat.webhook_delivery delivery
            where delivery.tenant_name = endpoint.tenant_name
              and delivery.instance_name = endpoint.instance_name
              and delivery.endpoint_id = endpoint.endpoint_id
              and delivery.state = 'DELIVERED'
              and delivery.created_at < ?
            order by delivery.created_at, delivery.log_transaction, delivery.log_number
            limit ?
          ) as oldest
        limit ?
      ),
      forgotten as (
        delete from carechat.webhook_delivery delivery
        using old
        where delivery.tenant_name = old.tenant_name
          and delivery.instance_name = old.instance_name
          and delivery.patient_id = old.patient_id
          and delivery.endpoint_id = old.endpoint_id
          and delivery.log_transaction = old.log_transaction
          and delivery.log_number = old.log_number
          and delivery.state = 'DELIVERED'
        returning delivery.*
      ),
      attempts as (
        delete from carechat.webhook_attempt attempt
        using forgotten
        where attempt.tenant_name = forgotten.tenant_name
          and attempt.instance_name = forgotten.instance_name
          and attempt.patient_id = forgotten.patient_id
          and attempt.delivery_id = forgotten.delivery_id
      )
      select count(*) from forgotten
      """;

  private DeliveryRetention() {}

  static int forget(Connection connection, Instant before, int limit) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
      new Parameters(statement).time(before).number(limit).number(limit);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getInt(1);
      }
    }
  }
}
