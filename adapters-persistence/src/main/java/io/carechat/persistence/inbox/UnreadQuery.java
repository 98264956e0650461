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
import static org.jooq.impl.DSL.when;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.inbox.Unread;
import io.carechat.persistence.generated.tables.Message;
import io.carechat.persistence.generated.tables.ReadMarker;
import io.carechat.persistence.jdbc.Sql;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/** What a statement reads of one side of each chat: its marker, and what it has not read. */
final class UnreadQuery {
  private static final Field<Integer> COUNT = field(name("count"), SQLDataType.INTEGER);

  private final ClientType side;
  private final Table<?> chats;
  private final ReadMarker marker;
  private final Table<?> unread;
  private final Field<UUID> externalId;
  private final Field<Instant> createdAt;
  private final Field<Instant> readAt;
  private final Field<Integer> unreadCount;

  /**
   * @param chats the table of chats in the statement
   */
  UnreadQuery(ClientType side, Table<?> chats) {
    String name = "by_" + side.name().toLowerCase(Locale.ROOT);
    this.side = side;
    this.chats = chats;
    this.marker = READ_MARKER.as(name);
    this.unread = unread(side, chats, marker).as("unread_" + name);
    this.externalId = marker.MESSAGE_EXTERNAL_ID.as(name + "_external_id");
    this.createdAt = marker.MESSAGE_CREATED_AT.as(name + "_created_at");
    this.readAt = marker.READ_AT.as(name + "_read_at");
    this.unreadCount = column(unread, COUNT).as("unread_" + name);
  }

  /**
   * Counts the messages of the other side after the marker. It reads only as many entries of an
   * index as it counts. This needs {@code case}. With {@code coalesce}, PostgreSQL would read the
   * whole chat from its beginning and filter it. The reason is row-level security: PostgreSQL does
   * not trust {@code coalesce} not to reveal hidden rows.
   */
  private static Table<?> unread(ClientType side, Table<?> chats, ReadMarker marker) {
    Message other = MESSAGE.as("other");
    ClientType writer =
        switch (side) {
          case PATIENT -> ClientType.CARE_TEAM;
          case CARE_TEAM -> ClientType.PATIENT;
        };
    Table<?> counted =
        selectOne()
            .from(other)
            .where(chat(other).eq(chat(chats)))
            .and(other.SENDER_TYPE.eq(inline(writer.name())))
            .and(
                other.CREATED_AT.gt(
                    when(marker.MESSAGE_CREATED_AT.isNull(), Sql.MINUS_INFINITY)
                        .otherwise(marker.MESSAGE_CREATED_AT)))
            .limit(inline(Unread.MAX))
            .asTable("counted");
    return lateral(select(count().as(COUNT)).from(counted));
  }

  /** To be joined from the left. */
  Table<?> marker() {
    return marker;
  }

  /** Whether the marker is that of the chat. */
  Condition isOfChat() {
    return chat(marker).eq(chat(chats)).and(marker.READER_TYPE.eq(inline(side.name())));
  }

  /** To be joined after the marker. */
  Table<?> unread() {
    return unread;
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
