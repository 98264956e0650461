package io.carechat.persistence.jdbc;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/**
 * Warns the operator of transactions that stay open. While one is open, in whichever database of
 * the server, PostgreSQL cannot clean up what is deleted or updated after it. The tables that serve
 * as queues of deliveries grow then, and everything that walks over them becomes slower. All
 * transactions of the service itself end within seconds. Safe for use by many threads.
 */
public final class LongTransactions {
  private static final System.Logger LOG = System.getLogger(LongTransactions.class.getName());

  // Views of the system, for which no classes are generated.
  private static final Table<Record> LOCK = table(name("pg_locks")).as("lock");
  private static final Table<Record> SESSION = table(name("pg_stat_activity")).as("session");
  private static final Field<String> NAME = lock("virtualtransaction", String.class);
  private static final Field<Integer> PID = lock("pid", Integer.class);

  /**
   * Every user may see these locks, but neither the times nor the states of other users' sessions.
   * So ages are counted from when a transaction was first seen. PostgreSQL's own work, such as
   * vacuuming, has no user, and ends by itself.
   */
  private static final SqlStatement OPEN =
      SqlStatement.of(
          select(NAME, PID)
              .from(LOCK)
              .join(SESSION)
              .on(field(name("session", "pid"), Integer.class).eq(PID))
              .where(lock("locktype", String.class).eq(inline("virtualxid")))
              .and(lock("mode", String.class).eq(inline("ExclusiveLock")))
              .and(lock("granted", Boolean.class))
              .and(field(name("session", "usesysid"), Object.class).isNotNull())
              .and(PID.ne(field("pg_backend_pid()", SQLDataType.INTEGER)))
              .unionAll(
                  select(NAME, inline(0))
                      .from(LOCK)
                      .where(lock("locktype", String.class).eq(inline("transactionid")))
                      .and(lock("mode", String.class).eq(inline("ExclusiveLock")))
                      .and(PID.isNull())));

  private static final Column<String> OPEN_NAME = OPEN.column(NAME);
  private static final Column<Integer> OPEN_PID = OPEN.column(PID);

  private final Connections connections;
  private final Duration tolerated;
  private final LongSupplier nanoTime;
  private final Map<Open, Long> since = new HashMap<>();
  private final Set<Open> reported = new HashSet<>();

  /**
   * @param pid 0 for a prepared transaction, which has no process
   */
  private record Open(String name, int pid) {
    @Override
    public String toString() {
      return pid == 0 ? "a prepared transaction" : "process " + pid;
    }
  }

  /**
   * @param tolerated how long a transaction may stay open before it is logged
   * @param nanoTime as {@link System#nanoTime}
   */
  public LongTransactions(Connections connections, Duration tolerated, LongSupplier nanoTime) {
    this.connections = connections;
    this.tolerated = tolerated;
    this.nanoTime = nanoTime;
  }

  private static <T> Field<T> lock(String column, Class<T> type) {
    return field(name("lock", column), type);
  }

  /**
   * Reads which transactions are open now. Logs each that has become too old, once, and later its
   * end.
   *
   * @return how long the oldest has been open at least; zero if there is none
   */
  public Duration check() {
    return note(
        connections.read(OPEN.bind(), row -> new Open(OPEN_NAME.get(row), OPEN_PID.get(row))));
  }

  private synchronized Duration note(List<Open> open) {
    long now = nanoTime.getAsLong();
    since.keySet().retainAll(open);
    open.forEach(each -> since.putIfAbsent(each, now));
    reported.removeIf(each -> {
      boolean over = !since.containsKey(each);
      if (over) {
        LOG.log(System.Logger.Level.INFO, "The transaction of {0} of PostgreSQL has ended", each);
      }
      return over;
    });
    long oldest = 0;
    for (Map.Entry<Open, Long> each : since.entrySet()) {
      long age = now - each.getValue();
      oldest = Math.max(oldest, age);
      if (age >= tolerated.toNanos() && reported.add(each.getKey())) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} of PostgreSQL has had a transaction open for more than {1} s: nothing can be"
                + " cleaned up meanwhile, and deliveries become slower. Look for it in"
                + " pg_stat_activity, whatever its database, and end it.",
            each.getKey(),
            tolerated.toSeconds());
      }
    }
    return Duration.ofNanos(oldest);
  }
}
