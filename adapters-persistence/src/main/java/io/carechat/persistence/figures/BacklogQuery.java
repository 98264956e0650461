package io.carechat.persistence.figures;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.LOG_EPOCH;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_DISABLED;
import static io.carechat.persistence.generated.Tables.WEBHOOK_ENDPOINT_FAILING;
import static io.carechat.persistence.generated.Tables.WEBHOOK_LANE;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.max;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.time.Instant;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** Counts what waits in the database. Safe for use by many threads. */
public final class BacklogQuery {
  private static final Param<Long> INDEXED_TRANSACTION = Parameters.bigint("indexed_transaction");
  private static final Param<Long> INDEXED_NUMBER = Parameters.bigint("indexed_number");
  private static final Param<Long> PLANNED_TRANSACTION = Parameters.bigint("planned_transaction");
  private static final Param<Long> PLANNED_NUMBER = Parameters.bigint("planned_number");

  /** A time at which no delivery is due: it belongs to a disabled endpoint. */
  private static final Field<Instant> NEVER =
      field("timestamptz 'infinity'", WEBHOOK_LANE.DUE_AT.getDataType());

  private static final Field<Long> EVENTS_TO_INDEX =
      eventsAfter(INDEXED_TRANSACTION, INDEXED_NUMBER).as("events_to_index");

  private static final Field<Long> EVENTS_TO_PLAN =
      eventsAfter(PLANNED_TRANSACTION, PLANNED_NUMBER).as("events_to_plan");

  private static final Field<Long> LANES =
      upToMost(selectOne().from(WEBHOOK_LANE).where(WEBHOOK_LANE.DUE_AT.lt(NEVER))).as("lanes");

  private static final Field<Long> OVERDUE_MILLIS =
      DSL.field(
              select(
                      coalesce(
                          field(
                              "greatest(0, extract(epoch from clock_timestamp() - {0}) * 1000)",
                              SQLDataType.NUMERIC, min(WEBHOOK_LANE.DUE_AT)),
                          inline(0)))
                  .from(WEBHOOK_LANE)
                  .where(WEBHOOK_LANE.DUE_AT.lt(NEVER)))
          .cast(SQLDataType.BIGINT)
          .as("overdue_millis");

  private static final Field<Long> DISABLED =
      upToMost(selectOne().from(WEBHOOK_ENDPOINT_DISABLED)).as("disabled");

  private static final Field<Long> FAILING =
      upToMost(selectOne().from(WEBHOOK_ENDPOINT_FAILING)).as("failing");

  private static final Field<Integer> EPOCH =
      DSL.field(select(coalesce(max(LOG_EPOCH.EPOCH), inline(0))).from(LOG_EPOCH)).as("epoch");

  private static final SqlStatement READ =
      SqlStatement.of(
          select(EVENTS_TO_INDEX, EVENTS_TO_PLAN, LANES, OVERDUE_MILLIS, DISABLED, FAILING, EPOCH));

  private static final RowMapper<Backlog> BACKLOG = backlog();

  private final Connections connections;

  /**
   * @param connections act as the worker, who sees the rows of all instances
   */
  public BacklogQuery(Connections connections) {
    this.connections = connections;
  }

  private static Field<Long> eventsAfter(Param<Long> transaction, Param<Long> number) {
    return upToMost(
        selectOne()
            .from(CHAT_EVENT)
            .where(
                row(CHAT_EVENT.LOG_TRANSACTION, CHAT_EVENT.LOG_NUMBER)
                    .gt(row(transaction, number))));
  }

  private static Field<Long> upToMost(Select<?> rows) {
    Table<?> counted =
        DSL.selectOne().from(rows.asTable("found")).limit(inline(Backlog.MOST)).asTable("counted");
    return DSL.field(select(count()).from(counted)).cast(SQLDataType.BIGINT);
  }

  private static RowMapper<Backlog> backlog() {
    Column<Long> eventsToIndex = READ.column(EVENTS_TO_INDEX);
    Column<Long> eventsToPlan = READ.column(EVENTS_TO_PLAN);
    Column<Long> lanes = READ.column(LANES);
    Column<Long> overdueMillis = READ.column(OVERDUE_MILLIS);
    Column<Long> disabled = READ.column(DISABLED);
    Column<Long> failing = READ.column(FAILING);
    Column<Integer> epoch = READ.column(EPOCH);
    return found ->
        new Backlog(
            eventsToIndex.get(found),
            eventsToPlan.get(found),
            lanes.get(found),
            overdueMillis.get(found),
            disabled.get(found),
            failing.get(found),
            epoch.get(found));
  }

  /**
   * Counts.
   *
   * @param indexedUpTo how far the search index has come
   * @param plannedUpTo of which events deliveries were planned
   * @throws Unavailable if PostgreSQL is unavailable
   */
  public Backlog read(LogPosition indexedUpTo, LogPosition plannedUpTo) {
    return connections
        .read(
            READ.bind()
                .set(INDEXED_TRANSACTION, indexedUpTo.transaction())
                .set(INDEXED_NUMBER, indexedUpTo.number())
                .set(PLANNED_TRANSACTION, plannedUpTo.transaction())
                .set(PLANNED_NUMBER, plannedUpTo.number()),
            BACKLOG)
        .getFirst();
  }
}
