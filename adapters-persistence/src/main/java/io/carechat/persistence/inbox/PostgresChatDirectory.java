package io.carechat.persistence.inbox;

import static io.carechat.persistence.generated.Tables.CHAT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static io.carechat.persistence.jdbc.Sql.column;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.lateral;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.inbox.ChatDetails;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ChatFilter;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.inbox.ChatSummary;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Record;
import org.jooq.Row2;
import org.jooq.Select;
import org.jooq.SortOrder;
import org.jooq.Table;

/**
 * Reads the summaries of chats, in one round trip and as of one moment. It reads the chats in their
 * order. For each chat it reads the newest message, the markers and the unread counts. A count
 * stops at the limit that the domain sets.
 */
public final class PostgresChatDirectory implements ChatDirectory {
  private static final Param<Instant> CURSOR_TIME = Parameters.time("cursor_time");
  private static final Param<UUID> CURSOR_PATIENT = Parameters.uuid("cursor_patient");
  private static final Row2<Instant, UUID> CURSOR = row(CURSOR_TIME, CURSOR_PATIENT);

  /** A key above those of all chats: every chat is older. */
  private static final ChatKey END =
      new ChatKey(Parameters.END_OF_TIME, new PatientId(new UUID(-1, -1)));

  private static final Chats ALL =
      new Chats(CHAT, noCondition(), row(CHAT.LAST_CREATED_AT, CHAT.PATIENT_ID));

  private static final Lists LISTS_OF_ALL = new Lists(ALL);
  private static final Map<ClientType, Lists> LISTS_OF_UNREAD = listsOfUnread();
  private static final SummaryQuery FIND = new SummaryQuery(one());

  /**
   * The chats that a list has.
   *
   * @param from the table of chats, with what else the condition reads
   * @param condition which chats
   * @param key what orders them, as an index has it
   */
  private record Chats(Table<?> from, Condition condition, Row2<Instant, UUID> key) {
    /**
     * The chats that a side has not read. They are found by the index of the chats that it may not
     * have read, and each of these is checked.
     */
    static Chats unreadBy(ClientType side) {
      var query = new UnreadQuery(side, CHAT, 1);
      return new Chats(
          query.joinedTo(CHAT),
          ReadAsOf.mayBeUnread(side).and(query.isUnread()),
          row(ReadAsOf.lastOfUnread(side), CHAT.PATIENT_ID));
    }

    Select<Record> along(Condition where, SortOrder order, Field<Integer> limit) {
      return select(
              List.of(
                  CHAT.TENANT_NAME,
                  CHAT.INSTANCE_NAME,
                  CHAT.PATIENT_ID,
                  CHAT.LAST_CREATED_AT,
                  castNull(SummaryQuery.MESSAGE_COUNT).as(SummaryQuery.MESSAGE_COUNT)))
          .from(from)
          .where(instance(CHAT).eq(instance()))
          .and(condition)
          .and(where)
          .orderBy(key.field1().sort(order), key.field2().sort(order))
          .limit(limit);
    }
  }

  /** The two directions in which the chats of a list are read. */
  private static final class Lists {
    private final SummaryQuery older;

    /** Also reads the chat at or before the cursor, if the list has one. */
    private final SummaryQuery newer;

    Lists(Chats chats) {
      Row2<Instant, UUID> key = chats.key();
      older = new SummaryQuery(chats.along(key.lt(CURSOR), SortOrder.DESC, Parameters.LIMIT));
      newer =
          new SummaryQuery(
              chats
                  .along(key.gt(CURSOR), SortOrder.ASC, Parameters.LIMIT)
                  .unionAll(chats.along(key.le(CURSOR), SortOrder.DESC, inline(1))));
    }
  }

  private final Connections connections;

  public PostgresChatDirectory(Connections connections) {
    this.connections = connections;
  }

  private static Map<ClientType, Lists> listsOfUnread() {
    var lists = new EnumMap<ClientType, Lists>(ClientType.class);
    for (ClientType side : ClientType.values()) {
      lists.put(side, new Lists(Chats.unreadBy(side)));
    }
    return lists;
  }

  private static Lists lists(ChatFilter filter) {
    ClientType side = filter.unreadBy();
    return side == null ? LISTS_OF_ALL : Objects.requireNonNull(LISTS_OF_UNREAD.get(side));
  }

  private static Select<Record> one() {
    Table<?> counted =
        selectOne()
            .from(MESSAGE)
            .where(chat(MESSAGE).eq(chat(CHAT)))
            .limit(inline(ChatDetails.MAX_COUNTED))
            .asTable("counted");
    Table<?> length =
        lateral(select(count().as(SummaryQuery.MESSAGE_COUNT)).from(counted)).as("length");
    return select(
            List.of(
                CHAT.TENANT_NAME,
                CHAT.INSTANCE_NAME,
                CHAT.PATIENT_ID,
                CHAT.LAST_CREATED_AT,
                column(length, SummaryQuery.MESSAGE_COUNT)))
        .from(CHAT)
        .crossJoin(length)
        .where(chat(CHAT).eq(chat()));
  }

  @Override
  public Slice<ChatSummary> list(
      TenantInstance instance, ChatFilter filter, Window<ChatKey> window, int limit) {
    Lists lists = lists(filter);
    return switch (window) {
      case Window.Newest<ChatKey>() -> older(lists.older, instance, END, limit);
      case Window.Before<ChatKey>(ChatKey cursor) -> older(lists.older, instance, cursor, limit);
      case Window.After<ChatKey>(ChatKey cursor) -> newer(lists.newer, instance, cursor, limit);
    };
  }

  private Slice<ChatSummary> older(
      SummaryQuery query, TenantInstance instance, ChatKey cursor, int limit) {
    // One more shows whether there are more.
    List<ChatSummary> found = read(query, instance, cursor, Math.addExact(limit, 1));
    boolean more = found.size() > limit;
    return new Slice<>(more ? found.subList(0, limit) : found, more);
  }

  private Slice<ChatSummary> newer(
      SummaryQuery query, TenantInstance instance, ChatKey cursor, int limit) {
    List<ChatSummary> found = read(query, instance, cursor, limit);
    List<ChatSummary> newestFirst =
        found.stream().filter(chat -> chat.key().compareTo(cursor) > 0).toList();
    return new Slice<>(newestFirst, newestFirst.size() < found.size());
  }

  /** Newest first: the joins need not keep the order of the chats. */
  private List<ChatSummary> read(
      SummaryQuery query, TenantInstance instance, ChatKey cursor, int limit) {
    return connections
        .read(
            query
                .bind()
                .instance(instance)
                .set(CURSOR_TIME, cursor.lastCreatedAt())
                .set(CURSOR_PATIENT, cursor.patient().value())
                .set(Parameters.LIMIT, limit),
            query)
        .stream()
        .sorted(Comparator.comparing(ChatSummary::key).reversed())
        .toList();
  }

  @Override
  public Optional<ChatDetails> find(ChatId chat) {
    return connections.readFirst(
        FIND.bind().chat(chat), row -> new ChatDetails(FIND.map(row), FIND.messageCount(row)));
  }
}
