package io.carechat.persistence.inbox;

import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.generated.Tables.READ_MARKER;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.Sql.column;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.trueCondition;
import static org.jooq.impl.DSL.when;

import io.carechat.domain.chat.ClientType;
import io.carechat.persistence.generated.tables.Message;
import io.carechat.persistence.jdbc.Sql;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/**
 * What a statement reads of one side of each chat: its marker, and what it has not read. Both are
 * subqueries for one chat each ({@code lateral}, with a limit). So PostgreSQL reads chat by chat.
 * If they were plain joins, it could begin with the markers of all chats, and does so if it plans
 * the statement when there are none.
 */
final class UnreadQuery {
  private static final Field<Integer> COUNT = field(name("count"), SQLDataType.INTEGER);

  private final ClientType side;
  private final Table<?> marker;
  private final Table<?> unread;
  private final Field<UUID> externalId;
  private final Field<Instant> createdAt;
  private final Field<Instant> readAt;
  private final Field<Integer> unreadCount;

  /**
   * @param chats the table of chats in the statement
   * @param max where counting ends
   */
  UnreadQuery(ClientType side, Table<?> chats, int max) {
    String name = "by_" + side.name().toLowerCase(Locale.ROOT);
    this.side = side;
    this.marker =
        lateral(
                select(
                        READ_MARKER.MESSAGE_EXTERNAL_ID,
                        READ_MARKER.MESSAGE_CREATED_AT,
                        READ_MARKER.READ_AT)
                    .from(READ_MARKER)
                    .where(chat(READ_MARKER).eq(chat(chats)))
                    .and(READ_MARKER.READER_TYPE.eq(inline(side.name())))
                    .limit(inline(1)))
            .as(name);
    this.unread = unread(side, chats, marker, max).as("unread_" + name);
    this.externalId = column(marker, READ_MARKER.MESSAGE_EXTERNAL_ID).as(name + "_external_id");
    this.createdAt = column(marker, READ_MARKER.MESSAGE_CREATED_AT).as(name + "_created_at");
    this.readAt = column(marker, READ_MARKER.READ_AT).as(name + "_read_at");
    this.unreadCount = column(unread, COUNT).as("unread_" + name);
  }

  /**
   * Counts the messages of the other side after the marker. It reads only as many entries of an
   * index as it counts. This needs {@code case}. With {@code coalesce}, PostgreSQL would read the
   * whole chat from its beginning and filter it. The reason is row-level security: PostgreSQL does
   * not trust {@code coalesce} not to reveal hidden rows.
   */
  private static Table<?> unread(ClientType side, Table<?> chats, Table<?> marker, int max) {
    Field<Instant> readUpTo = column(marker, READ_MARKER.MESSAGE_CREATED_AT);
    Message other = MESSAGE.as("other");
    Table<?> counted =
        selectOne()
            .from(other)
            .where(chat(other).eq(chat(chats)))
            .and(other.SENDER_TYPE.eq(inline(writerFor(side).name())))
            .and(
                other.CREATED_AT.gt(
                    when(readUpTo.isNull(), Sql.MINUS_INFINITY).otherwise(readUpTo)))
            .limit(inline(max))
            .asTable("counted");
    return lateral(select(count().as(COUNT)).from(counted));
  }

  /** The side whose messages a side reads. */
  static ClientType writerFor(ClientType side) {
    return switch (side) {
      case PATIENT -> ClientType.CARE_TEAM;
      case CARE_TEAM -> ClientType.PATIENT;
    };
  }

  /** Joins what is read of this side to tables that include the chats. */
  Table<?> joinedTo(Table<?> tables) {
    return tables.leftJoin(marker).on(trueCondition()).crossJoin(unread);
  }

  /** Whether there are unread messages. */
  Condition isUnread() {
    return column(unread, COUNT).gt(inline(0));
  }

  /** All that {@link UnreadColumns} reads. */
  List<Field<?>> fields() {
    return List.of(externalId, createdAt, readAt, unreadCount);
  }

  ClientType side() {
    return side;
  }

  Field<UUID> externalId() {
    return externalId;
  }

  Field<Instant> createdAt() {
    return createdAt;
  }

  Field<Instant> readAt() {
    return readAt;
  }

  Field<Integer> unreadCount() {
    return unreadCount;
  }
}
