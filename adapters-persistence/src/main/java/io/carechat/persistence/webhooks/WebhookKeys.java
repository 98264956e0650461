package io.carechat.persistence.webhooks;

import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static org.jooq.impl.DSL.row;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.persistence.generated.tables.WebhookAttempt;
import io.carechat.persistence.generated.tables.WebhookDelivery;
import io.carechat.persistence.generated.tables.WebhookEndpoint;
import io.carechat.persistence.generated.tables.WebhookEndpointDisabled;
import io.carechat.persistence.generated.tables.WebhookEndpointFailing;
import io.carechat.persistence.generated.tables.WebhookLane;
import io.carechat.persistence.generated.tables.WebhookLaneChange;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Sql;
import java.util.UUID;
import org.jooq.Param;
import org.jooq.Row3;
import org.jooq.Row4;
import org.jooq.Table;

/**
 * The columns that name an endpoint, or a lane (the queue of one chat and one endpoint), of each
 * table that has them. Rows of two tables belong together where these are equal.
 */
public final class WebhookKeys {
  public static final Param<String> ENDPOINT = Parameters.text("endpoint");

  private WebhookKeys() {}

  /** The parameters of an endpoint. */
  public static Row3<String, String, String> endpoint() {
    return row(Parameters.TENANT, Parameters.INSTANCE, ENDPOINT);
  }

  /** Sets the parameters of an endpoint. */
  public static BoundStatement bind(
      BoundStatement statement, TenantInstance instance, EndpointId endpoint) {
    return statement.instance(instance).set(ENDPOINT, endpoint.value());
  }

  public static Row3<String, String, String> endpoint(WebhookEndpoint table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.ENDPOINT_ID);
  }

  public static Row3<String, String, String> endpoint(WebhookEndpointDisabled table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.ENDPOINT_ID);
  }

  public static Row3<String, String, String> endpoint(WebhookEndpointFailing table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.ENDPOINT_ID);
  }

  public static Row3<String, String, String> endpoint(WebhookLaneChange table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.ENDPOINT_ID);
  }

  public static Row3<String, String, String> endpoint(WebhookLane table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.ENDPOINT_ID);
  }

  public static Row3<String, String, String> endpoint(WebhookDelivery table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.ENDPOINT_ID);
  }

  /** Of a table that a statement makes itself. */
  public static Row3<String, String, String> endpoint(Table<?> table) {
    return row(
        Sql.column(table, WEBHOOK_LANE.TENANT_NAME),
        Sql.column(table, WEBHOOK_LANE.INSTANCE_NAME),
        Sql.column(table, WEBHOOK_LANE.ENDPOINT_ID));
  }

  public static Row4<String, String, UUID, String> lane(WebhookLane table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID, table.ENDPOINT_ID);
  }

  public static Row4<String, String, UUID, String> lane(WebhookDelivery table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID, table.ENDPOINT_ID);
  }

  /** Of a table that a statement makes itself. */
  public static Row4<String, String, UUID, String> lane(Table<?> table) {
    return row(
        Sql.column(table, WEBHOOK_LANE.TENANT_NAME),
        Sql.column(table, WEBHOOK_LANE.INSTANCE_NAME),
        Sql.column(table, WEBHOOK_LANE.PATIENT_ID),
        Sql.column(table, WEBHOOK_LANE.ENDPOINT_ID));
  }

  /** Of the rows that a statement is given. */
  public static Row4<String, String, UUID, String> lane(GivenRows rows) {
    return row(
        rows.field(WEBHOOK_LANE.TENANT_NAME),
        rows.field(WEBHOOK_LANE.INSTANCE_NAME),
        rows.field(WEBHOOK_LANE.PATIENT_ID),
        rows.field(WEBHOOK_LANE.ENDPOINT_ID));
  }

  /** Of the delivery that an attempt belongs to, with the key of the attempt. */
  public static Row4<String, String, UUID, UUID> delivery(WebhookDelivery table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID, table.DELIVERY_ID);
  }

  /** As {@link #delivery(WebhookDelivery)}. */
  public static Row4<String, String, UUID, UUID> delivery(WebhookAttempt table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID, table.DELIVERY_ID);
  }

  /** As {@link #delivery(WebhookDelivery)}, of a table that a statement makes itself. */
  public static Row4<String, String, UUID, UUID> delivery(Table<?> table) {
    return row(
        Sql.column(table, WEBHOOK_DELIVERY.TENANT_NAME),
        Sql.column(table, WEBHOOK_DELIVERY.INSTANCE_NAME),
        Sql.column(table, WEBHOOK_DELIVERY.PATIENT_ID),
        Sql.column(table, WEBHOOK_DELIVERY.DELIVERY_ID));
  }
}
