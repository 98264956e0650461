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
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.inbox.ChatDetails;
import io.carechat.domain.inbox.ChatDirectory;
import io.carechat.domain.inbox.ChatKey;
import io.carechat.domain.inbox.ChatSummary;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
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
  private static final Row2<Instant, UUID> KEY = row(CHAT.LAST_CREATED_AT, CHAT.PATIENT_ID);

  /** A key above those of all chats: every chat is older. */
  private static final ChatKey END =
      new ChatKey(Parameters.END_OF_TIME, new PatientId(new UUID(-1, -1)));

  private static final SummaryQuery OLDER =
      new SummaryQuery(along(KEY.lt(CURSOR), SortOrder.DESC, Parameters.LIMIT));

  /** Also reads the chat at or before the cursor, if there is one. */
  private static final SummaryQuery NEWER =
      new SummaryQuery(
          along(KEY.gt(CURSOR), SortOrder.ASC, Parameters.LIMIT)
              .unionAll(along(KEY.le(CURSOR), SortOrder.DESC, inline(1))));

  private static final SummaryQuery FIND = new SummaryQuery(one());

  private final Connections connections;

  public PostgresChatDirectory(Connections connections) {
    this.connections = connections;
  }

  private static Select<Record> along(Condition where, SortOrder order, Field<Integer> limit) {
    return select(
            List.of(
                CHAT.TENANT_NAME,
                CHAT.INSTANCE_NAME,
                CHAT.PATIENT_ID,
                CHAT.LAST_CREATED_AT,
                castNull(SummaryQuery.MESSAGE_COUNT).as(SummaryQuery.MESSAGE_COUNT)))
        .from(CHAT)
        .where(instance(CHAT).eq(instance()))
        .and(where)
        .orderBy(CHAT.LAST_CREATED_AT.sort(order), CHAT.PATIENT_ID.sort(order))
        .limit(limit);
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
  public Slice<ChatSummary> list(TenantInstance instance, Window<ChatKey> window, int limit) {
    return switch (window) {
      case Window.Newest<ChatKey>() -> older(instance, END, limit);
      case Window.Before<ChatKey>(ChatKey cursor) -> older(instance, cursor, limit);
      case Window.After<ChatKey>(ChatKey cursor) -> newer(instance, cursor, limit);
    };
  }

  private Slice<ChatSummary> older(TenantInstance instance, ChatKey cursor, int limit) {
    // One more shows whether there are more.
    List<ChatSummary> found = read(OLDER, instance, cursor, Math.addExact(limit, 1));
    boolean more = found.size() > limit;
    return new Slice<>(more ? found.subList(0, limit) : found, more);
  }

  private Slice<ChatSummary> newer(TenantInstance instance, ChatKey cursor, int limit) {
    List<ChatSummary> found = read(NEWER, instance, cursor, limit);
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
