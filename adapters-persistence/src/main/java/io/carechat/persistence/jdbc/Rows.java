package io.carechat.persistence.jdbc;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.inbox.ReadMarker;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the domain's values from rows, by the names of their columns. */
final class Rows {
  /** The types of events, as they are in the table. */
  static final String MESSAGE_SENT = "MESSAGE_SENT";

  static final String CHAT_READ = "CHAT_READ";
  static final String ENDPOINT_DISABLED = "ENDPOINT_DISABLED";

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

  /** An event and the message that it is about. */
  static ChatEvent chatEvent(ResultSet row) throws SQLException {
    Message message = message(chat(row), row);
    String type = row.getString("type");
    return switch (type) {
      case MESSAGE_SENT -> new ChatEvent.MessageSent(message);
      case CHAT_READ ->
          new ChatEvent.ChatRead(
              message, ClientType.valueOf(row.getString("reader_type")), time(row, "occurred_at"));
      default -> throw new IllegalStateException("There is an event in a chat of type " + type);
    };
  }

  /** An event of any kind. */
  static Event event(ResultSet row) throws SQLException {
    return ENDPOINT_DISABLED.equals(row.getString("type"))
        ? new InstanceEvent.EndpointDisabled(
            new TenantInstance(row.getString("tenant_name"), row.getString("instance_name")),
            row.getString("endpoint_id"),
            InstanceEvent.Reason.valueOf(row.getString("reason")),
            time(row, "occurred_at"))
        : chatEvent(row);
  }

  /** A side's marker, from columns whose names have a prefix. */
  static ReadMarker readMarker(ClientType side, String prefix, ResultSet row) throws SQLException {
    return new ReadMarker(
        side,
        new ExternalId(uuid(row, prefix + "external_id")),
        time(row, prefix + "created_at"),
        time(row, prefix + "read_at"));
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

  static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
