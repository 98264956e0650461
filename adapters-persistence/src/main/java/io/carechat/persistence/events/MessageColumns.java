package io.carechat.persistence.events;

import static io.carechat.persistence.generated.Tables.MESSAGE;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Sender;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jooq.Field;

/** Reads messages from the rows of a statement. Immutable. */
public final class MessageColumns {
  /** The columns that are read, besides those that name the chat. */
  public static final List<Field<?>> FIELDS =
      List.of(
          MESSAGE.CREATED_AT,
          MESSAGE.EXTERNAL_ID,
          MESSAGE.SENDER_ID,
          MESSAGE.SENDER_TYPE,
          MESSAGE.SENDER_TITLE,
          MESSAGE.TEXT);

  private final Column<Instant> createdAt;
  private final Column<UUID> externalId;
  private final Column<UUID> senderId;
  private final Column<String> senderType;
  private final Column<String> senderTitle;
  private final Column<String> text;

  /** For a statement that selects {@link #FIELDS}, or fields with their names. */
  public MessageColumns(SqlStatement statement) {
    createdAt = statement.column(MESSAGE.CREATED_AT);
    externalId = statement.column(MESSAGE.EXTERNAL_ID);
    senderId = statement.column(MESSAGE.SENDER_ID);
    senderType = statement.column(MESSAGE.SENDER_TYPE);
    senderTitle = statement.column(MESSAGE.SENDER_TITLE);
    text = statement.column(MESSAGE.TEXT);
  }

  /** The message of a row, whose chat is known. */
  public Message read(ChatId chat, ResultSet row) throws SQLException {
    return new Message(
        chat,
        new ExternalId(externalId.get(row)),
        sender(row),
        new MessageText(text.get(row)),
        createdAt.get(row));
  }

  private Sender sender(ResultSet row) throws SQLException {
    UUID id = senderId.get(row);
    return switch (ClientType.valueOf(senderType.get(row))) {
      case PATIENT -> new Sender.Patient(new PatientId(id));
      case CARE_TEAM -> new Sender.CareTeamMember(id, senderTitle.getOrNull(row));
    };
  }
}
