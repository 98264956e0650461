package io.carechat.persistence.events;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.ChatEvent;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jooq.Field;

/** Reads events of chats, with the messages that they are about, from rows. Immutable. */
public final class ChatEventColumns implements RowMapper<ChatEvent> {
  /** The columns that are read, besides the chat and {@link MessageColumns#FIELDS}. */
  public static final List<Field<?>> FIELDS =
      List.of(CHAT_EVENT.TYPE, CHAT_EVENT.OCCURRED_AT, CHAT_EVENT.READER_TYPE);

  private final RowMapper<ChatId> chat;
  private final MessageColumns message;
  private final Column<String> type;
  private final Column<Instant> occurredAt;
  private final Column<String> readerType;

  /** For a statement that selects the chat, {@link #FIELDS} and those of the message. */
  public ChatEventColumns(SqlStatement statement) {
    chat = ChatKeys.chats(statement);
    message = new MessageColumns(statement);
    type = statement.column(CHAT_EVENT.TYPE);
    occurredAt = statement.column(CHAT_EVENT.OCCURRED_AT);
    readerType = statement.column(CHAT_EVENT.READER_TYPE);
  }

  @Override
  public ChatEvent map(ResultSet row) throws SQLException {
    Message about = message.read(chat.map(row), row);
    EventType is = EventType.valueOf(type.get(row));
    return switch (is) {
      case MESSAGE_SENT -> new ChatEvent.MessageSent(about);
      case CHAT_READ ->
          new ChatEvent.ChatRead(
              about, ClientType.valueOf(readerType.get(row)), occurredAt.get(row));
      case ENDPOINT_DISABLED ->
          throw new IllegalStateException("There is an event in a chat of type " + is);
    };
  }
}
