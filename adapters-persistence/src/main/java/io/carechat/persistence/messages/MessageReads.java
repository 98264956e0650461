package io.carechat.persistence.messages;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static org.jooq.impl.DSL.any;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.Rows;
import io.carechat.persistence.jdbc.Sql;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record6;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.SelectConditionStep;
import org.jspecify.annotations.Nullable;

/** Reads the messages of a chat, by one walk along the primary key. */
final class MessageReads {
  private static final String OLDER = Sql.render(older(noCondition()));
  private static final String NEWER = Sql.render(newer(noCondition()));
  private static final String OLDER_LOGGED_AFTER = Sql.render(older(loggedAfterPosition()));
  private static final String NEWER_LOGGED_AFTER = Sql.render(newer(loggedAfterPosition()));
  private static final String BY_IDS =
      Sql.render(messages().and(MESSAGE.EXTERNAL_ID.eq(any(Sql.uuids("ids")))));

  private final Connections connections;

  MessageReads(Connections connections) {
    this.connections = connections;
  }

  private static SelectConditionStep<Record6<OffsetDateTime, UUID, UUID, String, String, String>>
      messages() {
    return select(
            MESSAGE.CREATED_AT,
            MESSAGE.EXTERNAL_ID,
            MESSAGE.SENDER_ID,
            MESSAGE.SENDER_TYPE,
            MESSAGE.SENDER_TITLE,
            MESSAGE.TEXT)
        .from(MESSAGE)
        .where(MESSAGE.TENANT_NAME.eq(Sql.text("tenant")))
        .and(MESSAGE.INSTANCE_NAME.eq(Sql.text("instance")))
        .and(MESSAGE.PATIENT_ID.eq(Sql.uuid("patient")));
  }

  private static Select<? extends Record> older(Condition logged) {
    return messages()
        .and(logged)
        .and(MESSAGE.CREATED_AT.lt(Sql.time("border")))
        .orderBy(MESSAGE.CREATED_AT.desc())
        .limit(Sql.count("limit"));
  }

  /** And the one at or before the border, if there is one. */
  private static Select<? extends Record> newer(Condition logged) {
    return messages()
        .and(logged)
        .and(MESSAGE.CREATED_AT.gt(Sql.time("border")))
        .orderBy(MESSAGE.CREATED_AT.asc())
        .limit(Sql.count("limit"))
        .unionAll(
            messages()
                .and(logged)
                .and(MESSAGE.CREATED_AT.le(Sql.time("border")))
                .orderBy(MESSAGE.CREATED_AT.desc())
                .limit(inline(1)));
  }

  /**
   * In a chat the order of the log's messages is the order of times, so that one look into the
   * chat's part of the log, by its primary key, gives the time from which on messages are past the
   * position. The events between them that tell of something else are passed over.
   */
  private static Condition loggedAfterPosition() {
    Field<OffsetDateTime> lastSeen =
        field(
            select(CHAT_EVENT.MESSAGE_CREATED_AT)
                .from(CHAT_EVENT)
                .where(CHAT_EVENT.TENANT_NAME.eq(Sql.text("tenant")))
                .and(CHAT_EVENT.INSTANCE_NAME.eq(Sql.text("instance")))
                .and(CHAT_EVENT.PATIENT_ID.eq(Sql.uuid("patient")))
                .and(CHAT_EVENT.TYPE.eq(inline(Rows.MESSAGE_SENT)))
                .and(
                    row(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
                        .le(row(Sql.number("transaction"), Sql.number("number"))))
                .orderBy(CHAT_EVENT.LOG_TRANSACTION.desc(), CHAT_EVENT.LOG_NUMBER.desc())
                .limit(inline(1)));
    return MESSAGE.CREATED_AT.gt(
        coalesce(lastSeen, field("timestamptz '-infinity'", OffsetDateTime.class)));
  }

  /**
   * @param position null for everything
   */
  Slice read(ChatId chat, @Nullable LogPosition position, Window window, int limit) {
    return switch (window) {
      case Window.Newest() -> older(chat, position, null, limit);
      case Window.Before(Instant border) -> older(chat, position, border, limit);
      case Window.After(Instant border) -> newer(chat, position, border, limit);
    };
  }

  private Slice older(
      ChatId chat, @Nullable LogPosition position, @Nullable Instant border, int limit) {
    List<Message> found =
        messages(
            chat,
            position == null ? OLDER : OLDER_LOGGED_AFTER,
            parameters -> {
              chatAndPosition(parameters, chat, position);
              if (border == null) {
                parameters.endOfTime();
              } else {
                parameters.time(border);
              }
              // One more tells whether there are more.
              parameters.number(Math.addExact(limit, 1));
            });
    boolean more = found.size() > limit;
    return new Slice(more ? found.subList(0, limit) : found, more);
  }

  private Slice newer(ChatId chat, @Nullable LogPosition position, Instant border, int limit) {
    List<Message> found =
        messages(
            chat,
            position == null ? NEWER : NEWER_LOGGED_AFTER,
            parameters -> {
              chatAndPosition(parameters, chat, position);
              parameters.time(border).number(limit);
              chatAndPosition(parameters, chat, position);
              parameters.time(border);
            });
    List<Message> newestFirst =
        found.stream()
            .filter(message -> message.createdAt().isAfter(border))
            .sorted(Comparator.comparing(Message::createdAt).reversed())
            .toList();
    return new Slice(newestFirst, newestFirst.size() < found.size());
  }

  private static void chatAndPosition(
      Parameters parameters, ChatId chat, @Nullable LogPosition position) throws SQLException {
    parameters.chat(chat);
    if (position != null) {
      parameters.chat(chat).number(position.transaction()).number(position.number());
    }
  }

  /** Those of the given that the chat has, in no order. */
  List<Message> findAll(ChatId chat, Collection<ExternalId> ids) {
    return messages(
        chat,
        BY_IDS,
        parameters -> parameters.chat(chat).column("uuid", List.copyOf(ids), ExternalId::value));
  }

  private List<Message> messages(ChatId chat, String sql, Parameters.Setting parameters) {
    return connections.read(chat.instance(), sql, parameters, row -> Rows.message(chat, row));
  }
}
