package io.carechat.persistence.records;

import static io.carechat.persistence.generated.Sequences.EVENT_NUMBER;
import static io.carechat.persistence.generated.Tables.CHAT;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.CHAT_STATE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.events.LogPosition;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.ChatStates;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Param;
import org.jspecify.annotations.Nullable;

/** A chat whose lock a transaction holds, and how the chat stands. */
final class ChatLock {
  private static final Param<String> TYPE = Parameters.like(CHAT_EVENT.TYPE);
  private static final Param<Instant> AT = Parameters.time("at");
  private static final Param<UUID> RECORD = Parameters.uuid("record");

  private static final SqlStatement ENTER = SqlStatement.of(LogOrder.enterChats());

  private static final SqlStatement LAST =
      SqlStatement.of(select(CHAT.LAST_CREATED_AT).from(CHAT).where(chat(CHAT).eq(chat())));

  private static final Column<Instant> LAST_CREATED_AT = LAST.column(CHAT.LAST_CREATED_AT);

  private static final SqlStatement STATE =
      SqlStatement.of(
          select(CHAT_STATE.RESTRICTED_AT, CHAT_STATE.ERASING)
              .from(CHAT_STATE)
              .where(ChatStates.key(CHAT_STATE).eq(chat())));

  private static final Column<Instant> RESTRICTED_AT = STATE.column(CHAT_STATE.RESTRICTED_AT);
  private static final Column<UUID> ERASING = STATE.column(CHAT_STATE.ERASING);

  private static final SqlStatement LOG =
      SqlStatement.of(
          insertInto(CHAT_EVENT)
              .set(CHAT_EVENT.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_EVENT.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_EVENT.PATIENT_ID, Parameters.PATIENT)
              .set(CHAT_EVENT.LOG_TRANSACTION, LogOrder.OWN_ID)
              .set(CHAT_EVENT.LOG_NUMBER, EVENT_NUMBER.nextval())
              .set(CHAT_EVENT.TYPE, TYPE)
              .set(CHAT_EVENT.OCCURRED_AT, AT)
              .set(CHAT_EVENT.RECORD_ID, RECORD)
              .returning(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER));

  private static final Column<Long> LOG_TRANSACTION = LOG.column(CHAT_EVENT.LOG_TRANSACTION);
  private static final Column<Long> LOG_NUMBER = LOG.column(CHAT_EVENT.LOG_NUMBER);

  private record State(@Nullable Instant restrictedAt, @Nullable UUID erasing) {}

  private final Connection connection;
  private final ChatId chat;

  private ChatLock(Connection connection, ChatId chat) {
    this.connection = connection;
    this.chat = chat;
  }

  /**
   * Takes the lock until the transaction ends. It must be the first statement of the transaction:
   * see {@link LogOrder}.
   */
  static ChatLock take(Connection connection, ChatId chat) throws SQLException {
    LogOrder.enter(ENTER.bind(), List.of(chat), each -> each).lock(connection);
    return new ChatLock(connection, chat);
  }

  /** When the newest message was created. Empty if the chat has none. */
  Optional<Instant> lastCreatedAt() throws SQLException {
    return LAST.bind().chat(chat).readFirst(connection, LAST_CREATED_AT::get);
  }

  /** Since when the chat is restricted. */
  Optional<Instant> restrictedAt() throws SQLException {
    return state().map(State::restrictedAt);
  }

  /** The erasure that is removing the chat's messages. */
  Optional<UUID> erasing() throws SQLException {
    return state().map(State::erasing);
  }

  private Optional<State> state() throws SQLException {
    return STATE
        .bind()
        .chat(chat)
        .readFirst(
            connection, row -> new State(RESTRICTED_AT.getOrNull(row), ERASING.getOrNull(row)));
  }

  /** Logs what was done with the record of the chat. */
  LogPosition log(EventType type, UUID id, Instant at) throws SQLException {
    return LOG.bind()
        .chat(chat)
        .set(TYPE, type.name())
        .set(AT, at)
        .set(RECORD, id)
        .read(connection, row -> new LogPosition(LOG_TRANSACTION.get(row), LOG_NUMBER.get(row)))
        .getFirst();
  }
}
