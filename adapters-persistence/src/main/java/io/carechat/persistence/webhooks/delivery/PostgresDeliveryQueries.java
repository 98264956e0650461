package io.carechat.persistence.webhooks.delivery;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.PageToken;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.domain.webhooks.delivery.DeliveryAttempt;
import io.carechat.domain.webhooks.delivery.DeliveryQueries;
import io.carechat.domain.webhooks.delivery.DeliveryStore.State;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The ledger as partners read it, under the access rules of their instance. */
final class PostgresDeliveryQueries implements DeliveryQueries {
  private static final String OF_ENDPOINT =
      "delivery.tenant_name = ? and delivery.instance_name = ? and delivery.endpoint_id = ?";

  /** What a line of the ledger needs besides its own row. */
  private static final String LINES =
      """
      select
        page.tenant_name, page.instance_name, page.patient_id, page.endpoint_id, page.delivery_id,
        page.log_transaction, page.log_number, page.state, page.attempts, page.created_at, page.redelivered_at,
        event.type, message.external_id,
        case
          when first.delivery_id = page.delivery_id and disabled.endpoint_id is null
          then coalesce(page.not_before, greatest(page.created_at, page.redelivered_at))
        end as next_attempt_at,
        case when first.delivery_id <> page.delivery_id then first.delivery_id end as waits_for
      from page
        join carechat.chat_event event
          on event.tenant_name = page.tenant_name
          and event.instance_name = page.instance_name
          and event.patient_id = page.patient_id
          and event.log_transaction = page.log_transaction
          and event.log_number = page.log_number
        join carechat.message message
          on message.tenant_name = page.tenant_name
          and message.instance_name = page.instance_name
          and message.patient_id = page.patient_id
          and message.created_at = page.message_created_at
        left join lateral (
          select pending.delivery_id
          from carechat.webhook_delivery pending
          where page.state = 'PENDING'
            and pending.tenant_name = page.tenant_name
            and pending.instance_name = page.instance_name
            and pending.patient_id = page.patient_id
            and pending.endpoint_id = page.endpoint_id
            and pending.state = 'PENDING'
          order by pending.log_transaction, pending.log_number
          limit 1
        ) as first on true
        left join carechat.webhook_endpoint_disabled disabled
          on disabled.tenant_name = page.tenant_name
          and disabled.instance_name = page.instance_name
          and disabled.endpoint_id = page.endpoint_id
      order by page.created_at desc, page.log_transaction desc, page.log_number desc
      """;

  private static final String FIND =
      "with page as (select * from carechat.webhook_delivery delivery where "
          + OF_ENDPOINT
          + " and delivery.delivery_id = ?) "
          + LINES;

  private static final String ATTEMPTS =
      """
      select attempt.attempt, attempt.ended_at, attempt.took_ms, attempt.status, attempt.note
      from carechat.webhook_delivery delivery
        join carechat.webhook_attempt attempt using (tenant_name, instance_name, patient_id, delivery_id)
      where delivery.tenant_name = ? and delivery.instance_name = ? and delivery.endpoint_id = ?
        and delivery.delivery_id = ?
      order by attempt.attempt desc
      limit ?
      """;

  private static final String ANY =
      "select 1 from carechat.webhook_delivery delivery where " + OF_ENDPOINT + " limit 1";

  private final Connections reading;

  PostgresDeliveryQueries(Connections reading) {
    this.reading = reading;
  }

  @Override
  public List<Delivery> read(
      TenantInstance instance, String endpointId, Filter filter, Range range, int limit) {
    boolean ascending = range instanceof Range.After;
    Delivery.@Nullable Place border =
        switch (range) {
          case Range.Newest() -> null;
          case Range.Before(Delivery.Place before) -> before;
          case Range.After(Delivery.Place after) -> after;
        };
    PatientId patient = filter.patient();
    List<String> arms =
        patient != null
            ? List.of(ofPatient(filter.state(), ascending))
            : (filter.state() == null ? List.of(State.values()) : List.of(filter.state()))
                .stream().map(state -> ofState(state, ascending)).toList();
    String sql = page(arms, ascending);
    return reading.read(
        instance,
        sql,
        parameters -> {
          for (int arm = 0; arm < arms.size(); arm++) {
            ofEndpoint(parameters, instance, endpointId)
                .time(wholeMillis(filter.from(), PageToken.EARLIEST))
                .time(wholeMillis(filter.to(), PageToken.LATEST.plusMillis(1)));
            if (patient != null) {
              parameters.uuid(patient.value());
            }
            border(parameters, border, patient == null).number(limit);
          }
          parameters.number(limit);
        },
        PostgresDeliveryQueries::delivery);
  }

  /** Of each state the first in the order that is asked for, and of those the first. */
  private static String page(List<String> arms, boolean ascending) {
    return "with page as (select * from ("
        + String.join(" union all ", arms)
        + ") as arm order by "
        + order("created_at, log_transaction, log_number", ascending)
        + " limit ?) "
        + LINES;
  }

  private static String ofState(State state, boolean ascending) {
    return arm(
        " and delivery.state = '" + state + "'",
        "delivery.created_at, delivery.log_transaction, delivery.log_number",
        "(?::timestamptz, ?::bigint, ?::bigint)",
        ascending);
  }

  /** Along the primary key, in the order of the log, which is the same one. */
  private static String ofPatient(@Nullable State state, boolean ascending) {
    return arm(
        " and delivery.patient_id = ?"
            + (state == null ? "" : " and delivery.state = '" + state + "'"),
        "delivery.log_transaction, delivery.log_number",
        "(?::bigint, ?::bigint)",
        ascending);
  }

  private static String arm(String condition, String columns, String border, boolean ascending) {
    return "(select * from carechat.webhook_delivery delivery where "
        + OF_ENDPOINT
        + " and delivery.created_at >= ? and delivery.created_at < ?"
        + condition
        + " and ("
        + columns
        + (ascending ? ") > " : ") < ")
        + border
        + " order by "
        + order(columns, ascending)
        + " limit ?)";
  }

  private static String order(String columns, boolean ascending) {
    return ascending ? columns : columns.replace(",", " desc,") + " desc";
  }

  private static Parameters ofEndpoint(
      Parameters parameters, TenantInstance instance, String endpointId) throws SQLException {
    return parameters.text(instance.tenantName()).text(instance.instanceName()).text(endpointId);
  }

  private static Parameters border(
      Parameters parameters, Delivery.@Nullable Place border, boolean withTime)
      throws SQLException {
    if (withTime) {
      if (border == null) {
        parameters.endOfTime();
      } else {
        parameters.time(border.createdAt());
      }
    }
    return border == null
        ? parameters.number(Long.MAX_VALUE).number(Long.MAX_VALUE)
        : parameters.number(border.event().transaction()).number(border.event().number());
  }

  /** The first whole millisecond that is not before a time: deliveries have no finer ones. */
  private static Instant wholeMillis(@Nullable Instant time, Instant otherwise) {
    if (time == null) {
      return otherwise;
    }
    Instant floor = time.truncatedTo(ChronoUnit.MILLIS);
    return floor.equals(time) ? time : floor.plusMillis(1);
  }

  private static Delivery delivery(ResultSet row) throws SQLException {
    UUID waitsFor = row.getObject("waits_for", UUID.class);
    return new Delivery(
        new DeliveryId(Rows.uuid(row, "delivery_id")),
        row.getString("endpoint_id"),
        new LogPosition(row.getLong("log_transaction"), row.getLong("log_number")),
        Delivery.Type.valueOf(row.getString("type")),
        Rows.chat(row),
        new ExternalId(Rows.uuid(row, "external_id")),
        State.valueOf(row.getString("state")),
        row.getInt("attempts"),
        Rows.time(row, "created_at"),
        Rows.timeOrNull(row, "redelivered_at"),
        Rows.timeOrNull(row, "next_attempt_at"),
        waitsFor == null ? null : new DeliveryId(waitsFor));
  }

  @Override
  public Optional<Delivery> find(TenantInstance instance, String endpointId, DeliveryId id) {
    return reading
        .read(
            instance,
            FIND,
            parameters -> ofEndpoint(parameters, instance, endpointId).uuid(id.value()),
            PostgresDeliveryQueries::delivery)
        .stream()
        .findFirst();
  }

  @Override
  public List<DeliveryAttempt> attempts(TenantInstance instance, String endpointId, DeliveryId id) {
    return reading
        .read(
            instance,
            ATTEMPTS,
            parameters ->
                ofEndpoint(parameters, instance, endpointId).uuid(id.value()).number(MOST_ATTEMPTS),
            row ->
                new DeliveryAttempt(
                    row.getInt("attempt"),
                    Rows.time(row, "ended_at"),
                    Duration.ofMillis(row.getLong("took_ms")),
                    row.getObject("status", Integer.class),
                    row.getString("note")))
        .reversed();
  }

  @Override
  public boolean anyOf(TenantInstance instance, String endpointId) {
    return !reading
        .read(instance, ANY, parameters -> ofEndpoint(parameters, instance, endpointId), row -> true)
        .isEmpty();
  }
}
