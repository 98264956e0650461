package io.carechat.persistence;

import io.carechat.domain.ChatId;
import io.carechat.domain.ClientType;
import io.carechat.domain.ExternalId;
import io.carechat.domain.Message;
import io.carechat.domain.MessageText;
import io.carechat.domain.PatientId;
import io.carechat.domain.Sender;
import io.carechat.domain.TenantInstance;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;

/** Reads the domain's values from rows, by the names of their columns. */
final class Rows {
  private Rows() {}

  static ChatId chat(ResultSet row) throws SQLException {
    return new ChatId(
        new TenantInstance(row.getString("tenant_name"), row.getString("instance_name")),
        new PatientId(uuid(row, "patient_id")));
  }

  /** A message whose chat is known. */
  static Message message(ChatId chat, ResultSet row) throws SQLException {
    return new Message(
        chat,
        new ExternalId(uuid(row, "external_id")),
        sender(row),
        new MessageText(row.getString("text")),
        time(row, "created_at"));
  }

  private static Sender sender(ResultSet row) throws SQLException {
    UUID id = uuid(row, "sender_id");
    return switch (ClientType.valueOf(row.getString("sender_type"))) {
      case PATIENT -> new Sender.Patient(new PatientId(id));
      case CARE_TEAM -> new Sender.CareTeamMember(id, row.getString("sender_title"));
    };
  }

  static UUID uuid(ResultSet row, String column) throws SQLException {
    return row.getObject(column, UUID.class);
  }

  static Instant time(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
