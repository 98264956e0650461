package io.carechat.persistence.messages;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static org.jooq.impl.DSL.any;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.persistence.events.EventLogQuery;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.events.MessageColumns;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.SelectConditionStep;
import org.jspecify.annotations.Nullable;

/** Reads the messages of a chat, by one walk along the primary key. */
final class ChatMessageReader {
  private static final Param<Instant> CURSOR = Parameters.time("cursor");

  /** Only messages after this time are read. */
  private static final Param<Instant> AFTER = Parameters.time("after");

  private static final Param<UUID[]> IDS = Parameters.array("ids", MESSAGE.EXTERNAL_ID);

  private static final Walk OLDER = new Walk(older());
  private static final Walk NEWER = new Walk(newer());
  private static final Walk BY_IDS = new Walk(messages().and(MESSAGE.EXTERNAL_ID.eq(any(IDS))));

  private static final SqlStatement LAST_LOGGED = SqlStatement.ofInstance(lastLogged());
  private static final Column<Instant> LAST_LOGGED_TIME =
      LAST_LOGGED.column(CHAT_EVENT.MESSAGE_CREATED_AT);

  private static final Param<String> KEY = Parameters.like(MESSAGE.IDEMPOTENCY_KEY);
  private static final Param<String> SENDER_TYPE = Parameters.like(MESSAGE.SENDER_TYPE);
  private static final Param<UUID> SENDER_ID = Parameters.like(MESSAGE.SENDER_ID);
  private static final Walk BY_KEY =
      new Walk(
          messages()
              .and(MESSAGE.IDEMPOTENCY_KEY.eq(KEY))
              .and(MESSAGE.SENDER_TYPE.eq(SENDER_TYPE))
              .and(MESSAGE.SENDER_ID.eq(SENDER_ID)));

  /** A statement whose rows are messages of a chat. */
  private record Walk(SqlStatement statement, MessageColumns columns) {
    Walk(Query query) {
      this(SqlStatement.ofInstance(query));
    }

    private Walk(SqlStatement statement) {
      this(statement, new MessageColumns(statement));
    }
  }

  private final Connections connections;

  ChatMessageReader(Connections connections) {
    this.connections = connections;
  }

  private static SelectConditionStep<Record> messages() {
    return select(MessageColumns.FIELDS).from(MESSAGE).where(chat(MESSAGE).eq(chat()));
  }

  private static Query older() {
    return messages()
        .and(MESSAGE.CREATED_AT.gt(AFTER))
        .and(MESSAGE.CREATED_AT.lt(CURSOR))
        .orderBy(MESSAGE.CREATED_AT.desc())
        .limit(Parameters.LIMIT);
  }

  /** And the one at or before the cursor, if there is one. */
  private static Query newer() {
    return messages()
        .and(MESSAGE.CREATED_AT.gt(AFTER))
        .and(MESSAGE.CREATED_AT.gt(CURSOR))
        .orderBy(MESSAGE.CREATED_AT.asc())
        .limit(Parameters.LIMIT)
        .unionAll(
            messages()
                .and(MESSAGE.CREATED_AT.gt(AFTER))
                .and(MESSAGE.CREATED_AT.le(CURSOR))
                .orderBy(MESSAGE.CREATED_AT.desc())
                .limit(inline(1)));
  }

  /**
   * The last message that was logged up to a position. One read of the chat's part of the log, by
   * its primary key, gives its time. Events of other types in between are skipped.
   */
  private static Query lastLogged() {
    return select(CHAT_EVENT.MESSAGE_CREATED_AT)
        .from(CHAT_EVENT)
        .where(chat(CHAT_EVENT).eq(chat()))
        .and(CHAT_EVENT.TYPE.eq(EventType.MESSAGE_SENT.value()))
        .and(
            row(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
                .le(row(EventLogQuery.TRANSACTION, EventLogQuery.NUMBER)))
        .orderBy(CHAT_EVENT.LOG_TRANSACTION.desc(), CHAT_EVENT.LOG_NUMBER.desc())
        .limit(Parameters.LIMIT);
  }

  /**
   * Reads a window of a chat.
   *
   * @param position only messages that were logged after it; null for all
   */
  Slice<Message> read(
      ChatId chat, @Nullable LogPosition position, Window<Instant> window, int limit) {
    Instant after = position == null ? Parameters.START_OF_TIME : timeOfLast(chat, position);
    return switch (window) {
      case Window.Newest<Instant>() -> older(chat, after, Parameters.END_OF_TIME, limit);
      case Window.Before<Instant>(Instant cursor) -> older(chat, after, cursor, limit);
      case Window.After<Instant>(Instant cursor) -> newer(chat, after, cursor, limit);
    };
  }

  /**
   * Returns the time of the last message that was logged up to a position. In a chat the order of
   * the log's messages is the order of times, so the messages after this time are those after the
   * position. This is a statement of its own: with row-level security, PostgreSQL does not use an
   * index for a condition that contains a query.
   */
  private Instant timeOfLast(ChatId chat, LogPosition position) {
    if (position.equals(LogPosition.START)) {
      return Parameters.START_OF_TIME;
    }
    return connections
        .readFirst(
            EventLogQuery.bind(LAST_LOGGED.bind().chat(chat), position, 1), LAST_LOGGED_TIME::get)
        .orElse(Parameters.START_OF_TIME);
  }

  private Slice<Message> older(ChatId chat, Instant after, Instant cursor, int limit) {
    // One more shows whether there are more.
    List<Message> found = messages(chat, OLDER, after, cursor, Math.addExact(limit, 1));
    boolean more = found.size() > limit;
    return new Slice<>(more ? found.subList(0, limit) : found, more);
  }

  private Slice<Message> newer(ChatId chat, Instant after, Instant cursor, int limit) {
    List<Message> found = messages(chat, NEWER, after, cursor, limit);
    List<Message> newestFirst =
        found.stream()
            .filter(message -> message.createdAt().isAfter(cursor))
            .sorted(Comparator.comparing(Message::createdAt).reversed())
            .toList();
    return new Slice<>(newestFirst, newestFirst.size() < found.size());
  }

  private List<Message> messages(ChatId chat, Walk walk, Instant after, Instant cursor, int limit) {
    return messages(
        chat,
        walk,
        walk.statement
            .bind()
            .chat(chat)
            .set(AFTER, after)
            .set(CURSOR, cursor)
            .set(Parameters.LIMIT, limit));
  }

  /** Those of the given messages that the chat has, in no order. */
  List<Message> findAll(ChatId chat, Collection<ExternalId> ids) {
    return messages(
        chat,
        BY_IDS,
        BY_IDS.statement.bind().chat(chat).set(IDS, List.copyOf(ids), ExternalId::value));
  }

  /** The message that the sender has stored before with the key of a new one, if there is one. */
  Optional<Message> findByKey(NewMessage message) {
    IdempotencyKey key = message.key();
    if (key == null) {
      return Optional.empty();
    }
    return messages(
            message.chat(),
            BY_KEY,
            BY_KEY
                .statement
                .bind()
                .chat(message.chat())
                .set(KEY, key.value())
                .set(SENDER_TYPE, message.sender().clientType().name())
                .set(SENDER_ID, message.sender().id()))
        .stream()
        .findFirst();
  }

  private List<Message> messages(ChatId chat, Walk walk, BoundStatement statement) {
    MessageColumns columns = walk.columns;
    return connections.read(statement, row -> columns.read(chat, row));
  }
}
