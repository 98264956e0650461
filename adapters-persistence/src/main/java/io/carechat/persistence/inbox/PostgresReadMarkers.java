package io.carechat.persistence.inbox;

import static io.carechat.persistence.generated.Sequences.EVENT_NUMBER;
import static io.carechat.persistence.generated.Tables.CHAT;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.generated.Tables.READ_MARKER;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.Sql.column;
import static org.jooq.impl.DSL.asterisk;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.or;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectDistinct;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.table;
import static org.jooq.impl.DSL.when;
import static org.jooq.impl.DSL.with;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.inbox.ReadMarker;
import io.carechat.domain.inbox.ReadMarkers;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.GroupCommit;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jooq.CommonTableExpression;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.InsertResultStep;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.RowCountQuery;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** Moves read markers, and the thread that does so: many in one transaction and one round trip. */
public final class PostgresReadMarkers implements ReadMarkers, AutoCloseable {
  private static final int MAX_BATCH = 64;
  private static final int MAX_WAITING = 1_024;

  /** A request is answered within two seconds, whatever happens to PostgreSQL. */
  private static final Duration TIMEOUT = Duration.ofMillis(1_700);

  private static final GivenRows GIVEN =
      GivenRows.numbered(
          "given",
          READ_MARKER.TENANT_NAME,
          READ_MARKER.INSTANCE_NAME,
          READ_MARKER.PATIENT_ID,
          READ_MARKER.READER_TYPE,
          MESSAGE.EXTERNAL_ID);

  private static final List<Field<?>> CHAT_KEY =
      List.of(READ_MARKER.TENANT_NAME, READ_MARKER.INSTANCE_NAME, READ_MARKER.PATIENT_ID);

  private static final Param<Instant> NOW = DSL.param("now", READ_MARKER.READ_AT.getDataType());
  private static final Field<Boolean> HAS_MOVED = field(name("has_moved"), SQLDataType.BOOLEAN);

  /**
   * Takes the locks that storing messages of the chats takes, in the same order and for the same
   * reasons: see {@link LogOrder#enterChats}. Then moves the markers, and notes in the chats what
   * is read.
   */
  private static final SqlStatement ADVANCE = SqlStatement.of(LogOrder.enterChats(), move());

  private static final Column<Long> ORDINAL = ADVANCE.column(GIVEN.ordinal());
  private static final Column<Boolean> MOVED = ADVANCE.column(HAS_MOVED);
  private static final Column<UUID> EXTERNAL_ID = ADVANCE.column(READ_MARKER.MESSAGE_EXTERNAL_ID);
  private static final Column<Instant> CREATED_AT = ADVANCE.column(READ_MARKER.MESSAGE_CREATED_AT);
  private static final Column<Instant> READ_AT = ADVANCE.column(READ_MARKER.READ_AT);

  private record Mark(ChatId chat, ClientType side, ExternalId upTo) {}

  private final Connections storing;
  private final InstantSource clock;
  private final Runnable onLogged;
  private final GroupCommit<Mark, Optional<ReadMarker>> marking;

  /**
   * @param onLogged run after events were logged
   */
  public PostgresReadMarkers(Connections storing, InstantSource clock, Runnable onLogged) {
    this.storing = storing;
    this.clock = clock;
    this.onLogged = onLogged;
    this.marking = new GroupCommit<>("mark", MAX_BATCH, MAX_WAITING, TIMEOUT, this::advance);
  }

  /**
   * Of the marks of one side of a chat only the furthest counts. It is written only where it moves
   * the marker.
   */
  private static Query move() {
    CommonTableExpression<?> target =
        name("target")
            .asMaterialized(
                select(table(name("given")).asterisk(), MESSAGE.CREATED_AT)
                    .from(table(name("given")))
                    .join(MESSAGE)
                    .on(chat(MESSAGE).eq(chat(GIVEN)))
                    .and(MESSAGE.EXTERNAL_ID.eq(GIVEN.field(MESSAGE.EXTERNAL_ID))));
    CommonTableExpression<?> furthest =
        name("furthest")
            .asMaterialized(
                select(asterisk())
                    .distinctOn(
                        column(target, READ_MARKER.TENANT_NAME),
                        column(target, READ_MARKER.INSTANCE_NAME),
                        column(target, READ_MARKER.PATIENT_ID),
                        column(target, READ_MARKER.READER_TYPE))
                    .from(target)
                    .orderBy(
                        column(target, READ_MARKER.TENANT_NAME),
                        column(target, READ_MARKER.INSTANCE_NAME),
                        column(target, READ_MARKER.PATIENT_ID),
                        column(target, READ_MARKER.READER_TYPE),
                        column(target, MESSAGE.CREATED_AT).desc()));
    CommonTableExpression<?> standing =
        name("standing")
            .asMaterialized(
                select(READ_MARKER.fields())
                    .from(furthest)
                    .join(READ_MARKER)
                    .on(chat(READ_MARKER).eq(chat(furthest)))
                    .and(READ_MARKER.READER_TYPE.eq(column(furthest, READ_MARKER.READER_TYPE))));
    CommonTableExpression<?> moved = name("moved").as(upsert(furthest, standing));
    CommonTableExpression<?> reached = name("reached").asMaterialized(reached(furthest, moved));
    CommonTableExpression<?> read = name("read").asMaterialized(read(reached));
    return with(GIVEN.expression())
        .with(target)
        .with(furthest)
        .with(standing)
        .with(moved)
        .with(reached)
        .with(read)
        .with(Sql.effect(name("chats"), noteWhatIsRead(read)))
        .with(Sql.effect(name("events"), insertEvents(moved)))
        .select(
            column(target, GIVEN.ordinal()),
            field(column(moved, READ_MARKER.READ_AT).isNotNull()).as(HAS_MOVED.getName()),
            movedOrStanding(moved, standing, READ_MARKER.MESSAGE_CREATED_AT),
            movedOrStanding(moved, standing, READ_MARKER.MESSAGE_EXTERNAL_ID),
            movedOrStanding(moved, standing, READ_MARKER.READ_AT))
        .from(target)
        .leftJoin(moved)
        .on(sameSide(moved, target))
        .leftJoin(standing)
        .on(sameSide(standing, target));
  }

  /**
   * How far each side has read each chat that is marked. The markers that this statement moves are
   * not yet visible in their table.
   */
  private static Select<?> reached(Table<?> furthest, Table<?> moved) {
    Table<?> chats =
        selectDistinct(Sql.columns(furthest, CHAT_KEY)).from(furthest).asTable("marked");
    Table<?> from = chats;
    var times = new ArrayList<Field<?>>();
    for (ClientType side : ClientType.values()) {
      var before = READ_MARKER.as("before_" + nameOf(side));
      Table<?> after = table(moved.getUnqualifiedName()).as("after_" + nameOf(side));
      from =
          from.leftJoin(before)
              .on(chat(before).eq(chat(chats)))
              .and(before.READER_TYPE.eq(inline(side.name())))
              .leftJoin(after)
              .on(chat(after).eq(chat(chats)))
              .and(column(after, READ_MARKER.READER_TYPE).eq(inline(side.name())));
      Field<Instant> time =
          greatest(before.MESSAGE_CREATED_AT, column(after, READ_MARKER.MESSAGE_CREATED_AT));
      times.add(
          when(time.isNull(), Sql.MINUS_INFINITY).otherwise(time).as(readUpTo(side).getName()));
    }
    return select(Sql.columns(chats, CHAT_KEY)).select(times).from(from);
  }

  private static Field<Instant> readUpTo(ClientType side) {
    return field(name(nameOf(side) + "_up_to"), SQLDataType.INSTANT);
  }

  private static String nameOf(ClientType side) {
    return side.name().toLowerCase(Locale.ROOT);
  }

  /** What the chats are to note: a time for each side that has read everything, or null. */
  private static Select<?> read(Table<?> reached) {
    Field<Instant> newestRead =
        greatest(
            column(reached, readUpTo(ClientType.PATIENT)),
            column(reached, readUpTo(ClientType.CARE_TEAM)));
    var times = new ArrayList<Field<?>>();
    times.add(newestRead.as(CHAT.LAST_CREATED_AT.getName()));
    for (ClientType side : ClientType.values()) {
      var other = MESSAGE.as("other");
      times.add(
          when(
                  notExists(
                      selectOne()
                          .from(other)
                          .where(chat(other).eq(chat(reached)))
                          .and(other.SENDER_TYPE.eq(inline(UnreadQuery.writerFor(side).name())))
                          .and(other.CREATED_AT.gt(column(reached, readUpTo(side))))),
                  newestRead)
              .as(ReadAsOf.column(side).getName()));
    }
    return select(Sql.columns(reached, CHAT_KEY)).select(times).from(reached);
  }

  /**
   * Notes in the chats what is read. If something is unread, the column differs from the time of
   * the newest message already. Both sides are noted, because a node of an earlier version may have
   * written without noting.
   *
   * <p>The chats exist, so this only updates. An {@code update} could take any index, and takes one
   * that reads all chats of the instance if it is planned when there are none. An {@code insert}
   * with a conflict always takes the primary key.
   */
  private static RowCountQuery noteWhatIsRead(Table<?> read) {
    List<Field<?>> columns =
        List.of(
            CHAT.TENANT_NAME,
            CHAT.INSTANCE_NAME,
            CHAT.PATIENT_ID,
            CHAT.LAST_CREATED_AT,
            CHAT.READ_BY_PATIENT_AS_OF,
            CHAT.READ_BY_CARE_TEAM_AS_OF);
    Map<Field<?>, Field<?>> values = new LinkedHashMap<>();
    var anyRead = new ArrayList<Condition>();
    var anyNews = new ArrayList<Condition>();
    for (ClientType side : ClientType.values()) {
      Field<Instant> readAsOf = ReadAsOf.column(side);
      Condition news = excluded(readAsOf).isNotNull().and(ReadAsOf.mayBeUnread(side));
      values.put(readAsOf, when(news, CHAT.LAST_CREATED_AT).otherwise(readAsOf));
      anyRead.add(column(read, readAsOf).isNotNull());
      anyNews.add(news);
    }
    return insertInto(CHAT, columns)
        .select(select(Sql.columns(read, columns)).from(read).where(or(anyRead)))
        .onConflict(CHAT.TENANT_NAME, CHAT.INSTANCE_NAME, CHAT.PATIENT_ID)
        .doUpdate()
        .set(values)
        .where(or(anyNews));
  }

  private static InsertResultStep<Record> upsert(Table<?> furthest, Table<?> standing) {
    return insertInto(
            READ_MARKER,
            READ_MARKER.TENANT_NAME,
            READ_MARKER.INSTANCE_NAME,
            READ_MARKER.PATIENT_ID,
            READ_MARKER.READER_TYPE,
            READ_MARKER.MESSAGE_CREATED_AT,
            READ_MARKER.MESSAGE_EXTERNAL_ID,
            READ_MARKER.READ_AT)
        .select(
            select(
                    column(furthest, READ_MARKER.TENANT_NAME),
                    column(furthest, READ_MARKER.INSTANCE_NAME),
                    column(furthest, READ_MARKER.PATIENT_ID),
                    column(furthest, READ_MARKER.READER_TYPE),
                    column(furthest, MESSAGE.CREATED_AT),
                    column(furthest, MESSAGE.EXTERNAL_ID),
                    greatest(NOW, column(furthest, MESSAGE.CREATED_AT)))
                .from(furthest)
                .leftJoin(standing)
                .on(sameSide(standing, furthest))
                .where(column(standing, READ_MARKER.MESSAGE_CREATED_AT).isNull())
                .or(
                    column(standing, READ_MARKER.MESSAGE_CREATED_AT)
                        .lt(column(furthest, MESSAGE.CREATED_AT))))
        .onConflict(
            READ_MARKER.TENANT_NAME,
            READ_MARKER.INSTANCE_NAME,
            READ_MARKER.PATIENT_ID,
            READ_MARKER.READER_TYPE)
        .doUpdate()
        .set(READ_MARKER.MESSAGE_CREATED_AT, excluded(READ_MARKER.MESSAGE_CREATED_AT))
        .set(READ_MARKER.MESSAGE_EXTERNAL_ID, excluded(READ_MARKER.MESSAGE_EXTERNAL_ID))
        .set(READ_MARKER.READ_AT, excluded(READ_MARKER.READ_AT))
        .returning(READ_MARKER.fields());
  }

  private static RowCountQuery insertEvents(Table<?> moved) {
    return insertInto(
            CHAT_EVENT,
            CHAT_EVENT.TENANT_NAME,
            CHAT_EVENT.INSTANCE_NAME,
            CHAT_EVENT.PATIENT_ID,
            CHAT_EVENT.LOG_TRANSACTION,
            CHAT_EVENT.LOG_NUMBER,
            CHAT_EVENT.TYPE,
            CHAT_EVENT.MESSAGE_CREATED_AT,
            CHAT_EVENT.OCCURRED_AT,
            CHAT_EVENT.READER_TYPE)
        .select(
            select(
                    column(moved, READ_MARKER.TENANT_NAME),
                    column(moved, READ_MARKER.INSTANCE_NAME),
                    column(moved, READ_MARKER.PATIENT_ID),
                    LogOrder.OWN_ID,
                    EVENT_NUMBER.nextval(),
                    EventType.CHAT_READ.value(),
                    column(moved, READ_MARKER.MESSAGE_CREATED_AT),
                    column(moved, READ_MARKER.READ_AT),
                    column(moved, READ_MARKER.READER_TYPE))
                .from(moved));
  }

  private static Condition sameSide(Table<?> table, Table<?> other) {
    return chat(table)
        .eq(chat(other))
        .and(column(table, READ_MARKER.READER_TYPE).eq(column(other, READ_MARKER.READER_TYPE)));
  }

  private static <T> Field<T> movedOrStanding(Table<?> moved, Table<?> standing, Field<T> field) {
    return coalesce(column(moved, field), column(standing, field)).as(field.getName());
  }

  @Override
  public Optional<ReadMarker> advance(ChatId chat, ClientType side, ExternalId upTo) {
    return marking.write(new Mark(chat, side, upTo));
  }

  private List<Optional<ReadMarker>> advance(List<Mark> marks) throws SQLException {
    return storing.call(connection -> advance(connection, marks));
  }

  private List<Optional<ReadMarker>> advance(Connection connection, List<Mark> marks)
      throws SQLException {
    var markers = new ArrayList<>(Collections.nCopies(marks.size(), Optional.<ReadMarker>empty()));
    List<Boolean> moved =
        bind(marks)
            .read(
                connection,
                row -> {
                  int number = Math.toIntExact(ORDINAL.get(row)) - 1;
                  var marker =
                      new ReadMarker(
                          marks.get(number).side(),
                          new ExternalId(EXTERNAL_ID.get(row)),
                          CREATED_AT.get(row),
                          READ_AT.get(row));
                  markers.set(number, Optional.of(marker));
                  return MOVED.get(row);
                });
    if (moved.contains(true)) {
      onLogged.run();
    }
    return markers;
  }

  private BoundStatement bind(List<Mark> marks) {
    return LogOrder.enter(ADVANCE.bind(), marks, Mark::chat)
        .set(GIVEN, READ_MARKER.TENANT_NAME, marks, mark -> mark.chat().instance().tenantName())
        .set(GIVEN, READ_MARKER.INSTANCE_NAME, marks, mark -> mark.chat().instance().instanceName())
        .set(GIVEN, READ_MARKER.PATIENT_ID, marks, mark -> mark.chat().patient().value())
        .set(GIVEN, READ_MARKER.READER_TYPE, marks, mark -> mark.side().name())
        .set(GIVEN, MESSAGE.EXTERNAL_ID, marks, mark -> mark.upTo().value())
        .set(NOW, clock.instant().truncatedTo(ChronoUnit.MILLIS));
  }

  /** Accepts no more marks, and moves the markers that wait. */
  @Override
  public void close() {
    marking.close();
  }
}
