package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.Sql.column;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.persistence.events.ChatEventColumns;
import io.carechat.persistence.events.MessageColumns;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/** Reads claimed deliveries from the rows of a statement. Immutable. */
final class ClaimedColumns implements RowMapper<ClaimedDelivery> {
  private static final Field<Integer> ATTEMPTS_SINCE =
      field(name("attempts_since"), SQLDataType.INTEGER);

  private final Column<UUID> deliveryId;
  private final Column<String> endpointId;
  private final Column<String> patientUrl;
  private final Column<Integer> attemptsSince;
  private final Column<UUID> claim;
  private final RowMapper<ChatEvent> event;

  /** For a statement that selects {@link #fields}. */
  ClaimedColumns(SqlStatement statement) {
    deliveryId = statement.column(WEBHOOK_DELIVERY.DELIVERY_ID);
    endpointId = statement.column(WEBHOOK_DELIVERY.ENDPOINT_ID);
    patientUrl = statement.column(WEBHOOK_DELIVERY.PATIENT_URL);
    attemptsSince = statement.column(ATTEMPTS_SINCE);
    claim = statement.column(WEBHOOK_LANE.CLAIM);
    event = new ChatEventColumns(statement);
  }

  /**
   * All columns that are read, in a statement that also joins the event and its message.
   *
   * @param lane the table with the claimed lanes
   * @param first the table with the first delivery of each
   */
  static List<Field<?>> fields(Table<?> lane, Table<?> first) {
    var fields = new ArrayList<Field<?>>();
    fields.add(column(lane, WEBHOOK_LANE.CLAIM));
    fields.add(column(lane, WEBHOOK_LANE.TENANT_NAME));
    fields.add(column(lane, WEBHOOK_LANE.INSTANCE_NAME));
    fields.add(column(lane, WEBHOOK_LANE.PATIENT_ID));
    fields.add(column(lane, WEBHOOK_LANE.ENDPOINT_ID));
    fields.add(column(first, WEBHOOK_DELIVERY.DELIVERY_ID));
    fields.add(column(first, WEBHOOK_DELIVERY.PATIENT_URL));
    fields.add(
        column(first, WEBHOOK_DELIVERY.ATTEMPTS)
            .minus(column(first, WEBHOOK_DELIVERY.ATTEMPTS_BEFORE))
            .as(ATTEMPTS_SINCE));
    fields.addAll(ChatEventColumns.FIELDS);
    fields.addAll(MessageColumns.FIELDS);
    return fields;
  }

  /** Whether a message is the one of the first delivery of a lane. */
  static Condition messageOf(Table<?> lane, Table<?> first) {
    return chat(MESSAGE)
        .eq(chat(lane))
        .and(MESSAGE.CREATED_AT.eq(column(first, WEBHOOK_DELIVERY.MESSAGE_CREATED_AT)));
  }

  /** Whether an event is the one of the first delivery of a lane. */
  static Condition eventOf(Table<?> lane, Table<?> first) {
    return chat(CHAT_EVENT)
        .eq(chat(lane))
        .and(CHAT_EVENT.LOG_TRANSACTION.eq(column(first, WEBHOOK_DELIVERY.LOG_TRANSACTION)))
        .and(CHAT_EVENT.LOG_NUMBER.eq(column(first, WEBHOOK_DELIVERY.LOG_NUMBER)));
  }

  /** Whether a row has a claimed delivery, and not only nulls. */
  boolean isPresent(ResultSet row) throws SQLException {
    return claim.getOrNull(row) != null;
  }

  @Override
  public ClaimedDelivery map(ResultSet row) throws SQLException {
    return new ClaimedDelivery(
        new DeliveryId(deliveryId.get(row)),
        new EndpointId(endpointId.get(row)),
        event.map(row),
        URI.create(patientUrl.get(row)),
        attemptsSince.get(row) + 1,
        claim.get(row));
  }
}
