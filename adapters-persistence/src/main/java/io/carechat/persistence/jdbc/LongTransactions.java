package io.carechat.persistence.jdbc;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Tells the operator of transactions that stay open. As long as one does, whoever has it and in
 * whichever database of the server, PostgreSQL cannot clean up what is deleted or updated after it:
 * the queues of deliveries grow, and everything that walks over them becomes slower. All
 * transactions of the service's own end within seconds. Safe for use by many threads.
 */
final class LongTransactions {
  private static final System.Logger LOG = System.getLogger(LongTransactions.class.getName());

  /**
   * Everybody may see these locks, but neither the times nor the states of other users' sessions:
   * so ages are counted from the first look. What PostgreSQL does by itself, such as vacuuming, has
   * no user, and clears up itself.
   */
  private static final String OPEN =
      """
      select lock.virtualtransaction as name, lock.pid
      from pg_locks lock
        join pg_stat_activity session on session.pid = lock.pid
      where lock.locktype = 'virtualxid' and lock.mode = 'ExclusiveLock' and lock.granted
        and session.usesysid is not null
        and lock.pid <> pg_backend_pid()
      union all
      select lock.virtualtransaction, 0
      from pg_locks lock
      where lock.locktype = 'transactionid' and lock.mode = 'ExclusiveLock' and lock.pid is null
      """;

  private final Connections connections;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final Map<Open, Long> since = new HashMap<>();
  private final Set<Open> told = new HashSet<>();

  /**
   * @param pid 0 for a prepared transaction, which has no process
   */
  private record Open(String name, long pid) {
    @Override
    public String toString() {
      return pid == 0 ? "a prepared transaction" : "process " + pid;
    }
  }

  /**
   * @param patience how long a transaction may stay open before that is told
   * @param nanoTime as {@link System#nanoTime}
   */
  LongTransactions(Connections connections, Duration patience, LongSupplier nanoTime) {
    this.connections = connections;
    this.patience = patience;
    this.nanoTime = nanoTime;
  }

  /**
   * Looks at what is open now, and tells of each that has become too old, once, and of its end.
   *
   * @return how long the oldest has been open at least; zero if there is none
   */
  Duration look() {
    List<Open> open =
        connections.read(
            OPEN, parameters -> {}, row -> new Open(row.getString("name"), row.getLong("pid")));
    return note(open);
  }

  private synchronized Duration note(List<Open> open) {
    long now = nanoTime.getAsLong();
    since.keySet().retainAll(open);
    open.forEach(each -> since.putIfAbsent(each, now));
    told.removeIf(each -> {
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
      if (age >= patience.toNanos() && told.add(each.getKey())) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} of PostgreSQL has had a transaction open for more than {1} s: nothing can be"
                + " cleaned up meanwhile, and deliveries become slower. Look for it in"
                + " pg_stat_activity, whatever its database, and end it.",
            each.getKey(),
            patience.toSeconds());
      }
    }
    return Duration.ofNanos(oldest);
  }
}
