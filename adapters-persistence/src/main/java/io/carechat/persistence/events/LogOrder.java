package io.carechat.persistence.events;

import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.least;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectDistinct;
import static org.jooq.impl.DSL.table;

import io.carechat.domain.chat.ChatId;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * How far the event log can be read so that no event appears later before those that were read.
 *
 * <p>Events are ordered by the ids of their transactions. This is not the order in which the
 * transactions commit. So a reader stops at the oldest transaction that may still add an event.
 * Only transactions that write to the log count. Each of them takes an advisory lock, which all
 * sessions can see. It takes the lock <em>before</em> it gets its id. The number in the lock's name
 * is never above that id. PostgreSQL releases a lock only after the commit is visible. A reader
 * takes three steps:
 *
 * <ol>
 *   <li>It notes an id that no later transaction is below.
 *   <li>Then it reads which of these locks are held.
 *   <li>Then, in a later statement, it reads the events below that id and below all of these locks.
 * </ol>
 *
 * <p>No event can be added below that point any more, so the reader has seen all of them. Other
 * transactions delay no reader, however long they stay open.
 */
public final class LogOrder {
  /**
   * The first half of the name of these locks, which distinguishes them from all others. The second
   * half is the lower half of an id.
   */
  private static final Field<Integer> LOCK_CLASS = inline(1667330401);

  /** The id that no transaction has yet. */
  static final Field<Long> NEXT_ID =
      field("pg_snapshot_xmax(pg_current_snapshot())::text::bigint", SQLDataType.BIGINT);

  /**
   * Takes the lock until the transaction ends. Every transaction that will write to the log takes
   * it, in a statement before the one that gives the transaction its id.
   */
  private static final Field<Object> ENTER =
      field(
          "pg_advisory_xact_lock_shared("
              + "{0}, (({1} + 2147483648) % 4294967296 - 2147483648)::integer)",
          Object.class, LOCK_CLASS, NEXT_ID);

  /** The id of the current transaction. If the transaction has none yet, it gets one. */
  public static final Field<Long> OWN_ID =
      field("pg_current_xact_id()::text::bigint", SQLDataType.BIGINT);

  /**
   * The id below which the log is complete. This holds for later statements, not for the statement
   * that computes it. The horizon may be lower than it was a moment ago, but no event appears below
   * an earlier horizon. The name of a lock has only the lower half of an id. It stands for the
   * whole id that is nearest to the next one.
   */
  static final Field<Long> HORIZON = horizon();

  private static final Field<String> HORIZON_SETTING = inline("carechat.log_horizon");

  /** Keeps the horizon for the next statement of the same transaction. */
  static final Field<String> NOTE_HORIZON =
      field(
          "set_config({0}, {1}, true)",
          String.class, HORIZON_SETTING, HORIZON.cast(SQLDataType.CLOB));

  /** The horizon that was kept. */
  static final Field<Long> NOTED_HORIZON =
      field("current_setting({0})", String.class, HORIZON_SETTING).cast(SQLDataType.BIGINT);

  private static final SqlStatement ENTER_ALONE = SqlStatement.of(select(ENTER));

  private static final Field<String> CHAT = field(name("chat"), SQLDataType.CLOB);
  private static final GivenRows CHATS = GivenRows.of("entered", CHAT);

  private LogOrder() {}

  private static Field<Long> horizon() {
    Field<Long> id = field(name("next", "id"), SQLDataType.BIGINT);
    Table<Record> lock = table(name("pg_locks")).as("lock");
    Field<Long> ofLock =
        field(
            "{0} + ({1}::bigint - {0} % 4294967296 + 6442450944) % 4294967296 - 2147483648",
            SQLDataType.BIGINT, id, field(name("lock", "objid"), Object.class));
    Field<Object> database =
        DSL.field(
            select(field(name("oid"), Object.class))
                .from(table(name("pg_database")))
                .where(
                    field(name("datname"), String.class)
                        .eq(field("current_database()", String.class))));
    return DSL.field(
        select(least(id, min(ofLock)))
            .from(select(NEXT_ID.as("id")).asTable("next"))
            .leftJoin(lock)
            .on(field(name("lock", "locktype"), String.class).eq(inline("advisory")))
            .and(field(name("lock", "classid"), Object.class).eq(LOCK_CLASS.coerce(Object.class)))
            .and(field(name("lock", "objsubid"), Integer.class).eq(inline(2)))
            .and(field(name("lock", "database"), Object.class).eq(database))
            .groupBy(id));
  }

  /**
   * Takes the lock, for a transaction that locks rows before it writes to the log: such a lock
   * gives the transaction its id.
   */
  public static void enter(Connection connection) throws SQLException {
    ENTER_ALONE.bind().lock(connection);
  }

  /**
   * A query that takes the lock of the log, and the locks of chats. It takes them always in the
   * same order, so that writers never wait for each other in a circle. {@link
   * #enter(BoundStatement, List, Function)} sets the chats. Send this query before the query that
   * writes.
   *
   * <p>An advisory lock gives the transaction no id. The transaction gets its id in the next query,
   * when it holds all locks. It holds them until the commit is visible. So among the writers of a
   * chat, on however many nodes, three orders are the same: those of transaction ids, of commits,
   * and of the times of messages. This is why the event log can be read in the order of transaction
   * ids.
   *
   * <p>The next query takes its snapshot after that. So it sees everything that earlier holders of
   * the locks have written: the chat's newest message, the messages with a key, the markers.
   */
  public static Query enterChats() {
    Field<Long> key =
        field("hashtextextended({0}, 0)", SQLDataType.BIGINT, CHATS.field(CHAT)).as("key");
    Table<?> chats = selectDistinct(key).from(CHATS.table()).orderBy(key).asTable("chats");
    return select(
            DSL.field(select(ENTER)),
            count(
                field(
                    "pg_advisory_xact_lock({0})",
                    Object.class, field(name("chats", "key"), SQLDataType.BIGINT))))
        .from(chats);
  }

  /** Sets the chats that {@link #enterChats} locks. */
  public static <R> BoundStatement enter(
      BoundStatement statement, List<R> rows, Function<R, ChatId> chat) {
    return statement.set(CHATS, CHAT, rows, row -> chat.apply(row).toString());
  }
}
