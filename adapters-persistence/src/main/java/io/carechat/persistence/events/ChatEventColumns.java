package io.carechat.persistence.events;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.events.ChatEvent;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jooq.Field;

/** Reads events of chats, with the messages that they are about, from rows. Immutable. */
public final class ChatEventColumns implements RowMapper<ChatEvent> {
  /** The columns that are read, besides the chat and {@link MessageColumns#FIELDS}. */
  public static final List<Field<?>> FIELDS =
      List.of(
          CHAT_EVENT.TYPE, CHAT_EVENT.OCCURRED_AT, CHAT_EVENT.READER_TYPE, CHAT_EVENT.RECORD_ID);

  private final RowMapper<ChatId> chat;
  private final MessageColumns message;
  private final Column<String> type;
  private final Column<Instant> occurredAt;
  private final Column<String> readerType;
  private final Column<UUID> recordId;

  /** For a statement that selects the chat, {@link #FIELDS} and those of the message. */
  public ChatEventColumns(SqlStatement statement) {
    chat = ChatKeys.chats(statement);
    message = new MessageColumns(statement);
    type = statement.column(CHAT_EVENT.TYPE);
    occurredAt = statement.column(CHAT_EVENT.OCCURRED_AT);
    readerType = statement.column(CHAT_EVENT.READER_TYPE);
    recordId = statement.column(CHAT_EVENT.RECORD_ID);
  }

  @Override
  public ChatEvent map(ResultSet row) throws SQLException {
    ChatId in = chat.map(row);
    EventType is = EventType.valueOf(type.get(row));
    return switch (is) {
      case MESSAGE_SENT -> new ChatEvent.MessageSent(message.read(in, row));
      case CHAT_READ ->
          new ChatEvent.ChatRead(
              message.read(in, row), ClientType.valueOf(readerType.get(row)), occurredAt.get(row));
      case CHAT_ERASED -> changed(in, ChatEvent.RecordChange.ERASED, row);
      case CHAT_RESTRICTED -> changed(in, ChatEvent.RecordChange.RESTRICTED, row);
      case CHAT_RELEASED -> changed(in, ChatEvent.RecordChange.RELEASED, row);
      case ENDPOINT_DISABLED, BREAK_GLASS_KEY_CREATED, AUDIT_CHECKPOINT ->
          throw new IllegalStateException("There is an event in a chat of type " + is);
    };
  }

  private ChatEvent changed(ChatId in, ChatEvent.RecordChange change, ResultSet row)
      throws SQLException {
    return new ChatEvent.RecordChanged(in, change, recordId.get(row), occurredAt.get(row));
  }
}
