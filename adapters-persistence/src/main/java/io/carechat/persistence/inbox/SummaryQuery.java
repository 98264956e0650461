package io.carechat.persistence.inbox;

import static io.carechat.persistence.generated.Tables.CHAT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.Sql.column;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.inbox.ChatSummary;
import io.carechat.domain.inbox.ReadMarker;
import io.carechat.domain.inbox.Unread;
import io.carechat.persistence.events.MessageColumns;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/** A statement that reads summaries of the chats that another query selects. Immutable. */
final class SummaryQuery implements RowMapper<ChatSummary> {
  /** Of the chats: how many messages each has, or null. */
  static final Field<Integer> MESSAGE_COUNT = field(name("message_count"), SQLDataType.INTEGER);

  private final SqlStatement statement;
  private final RowMapper<ChatId> chat;
  private final MessageColumns lastMessage;
  private final UnreadColumns patient;
  private final UnreadColumns careTeam;
  private final Column<Integer> messageCount;

  /**
   * @param chats with the key of the chat, its time of the last message, and {@link #MESSAGE_COUNT}
   */
  SummaryQuery(Select<Record> chats) {
    Table<Record> selected = chats.asTable("selected");
    var byPatient = new UnreadQuery(ClientType.PATIENT, selected, Unread.MAX);
    var byCareTeam = new UnreadQuery(ClientType.CARE_TEAM, selected, Unread.MAX);
    Table<?> lastMessageTable =
        lateral(
                select(MessageColumns.FIELDS)
                    .from(MESSAGE)
                    .where(chat(MESSAGE).eq(chat(selected)))
                    .and(MESSAGE.CREATED_AT.eq(column(selected, CHAT.LAST_CREATED_AT)))
                    .limit(inline(1)))
            .as("last_message");
    statement =
        SqlStatement.ofInstance(
            select(
                    column(selected, CHAT.TENANT_NAME),
                    column(selected, CHAT.INSTANCE_NAME),
                    column(selected, CHAT.PATIENT_ID),
                    column(selected, MESSAGE_COUNT))
                .select(Sql.columns(lastMessageTable, MessageColumns.FIELDS))
                .select(byPatient.fields())
                .select(byCareTeam.fields())
                .from(
                    byCareTeam.joinedTo(byPatient.joinedTo(selected.crossJoin(lastMessageTable)))));
    chat = ChatKeys.chats(statement);
    lastMessage = new MessageColumns(statement);
    patient = new UnreadColumns(byPatient, statement);
    careTeam = new UnreadColumns(byCareTeam, statement);
    messageCount = statement.column(MESSAGE_COUNT);
  }

  /** Begins to set the parameters of the query that selects the chats. */
  BoundStatement bind() {
    return statement.bind();
  }

  @Override
  public ChatSummary map(ResultSet row) throws SQLException {
    var markers = new ArrayList<ReadMarker>();
    for (UnreadColumns side : List.of(patient, careTeam)) {
      side.marker(row).ifPresent(markers::add);
    }
    return new ChatSummary(
        lastMessage.read(chat.map(row), row),
        new Unread(patient.unread(row), careTeam.unread(row)),
        markers);
  }

  /** How many messages the chat of a row has. */
  int messageCount(ResultSet row) throws SQLException {
    return messageCount.get(row);
  }
}
