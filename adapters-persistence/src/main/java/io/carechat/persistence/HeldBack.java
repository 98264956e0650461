package io.carechat.persistence;

import io.carechat.domain.LogPosition;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the operator of a transaction that stays open. The log's readers go no further than the
 * oldest open transaction of the whole server, whoever has it and in whichever database; all of
 * ours end within seconds. Safe for use by many threads.
 */
final class HeldBack {
  private static final System.Logger LOG = System.getLogger(HeldBack.class.getName());

  /** Numbers of locks have the lower half of a transaction's id. */
  private static final String HOLDER =
      """
      with oldest (id) as (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
      select oldest.id, coalesce(pid, 0) as pid
      from oldest
        join pg_locks lock on lock.transactionid::text::bigint = oldest.id % 4294967296
      where lock.locktype = 'transactionid' and lock.mode = 'ExclusiveLock' and lock.granted
        and exists (
          select
          from carechat.chat_event
          where (log_transaction, log_number) > (?, ?) and log_transaction >= oldest.id)
      """;

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

  private final Connections connections;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private long nextLook;
  private @Nullable Holder holder;
  private long since;
  private boolean told;

  /**
   * @param pid 0 for a prepared transaction, which has no process
   */
  private record Holder(long transaction, long pid) {}

  /**
   * @param patience how long a transaction may stay open before that is told
   * @param nanoTime as {@link System#nanoTime}
   */
  HeldBack(Connections connections, Duration patience, LongSupplier nanoTime) {
    this.connections = connections;
    this.patience = patience;
    this.nanoTime = nanoTime;
    this.nextLook = nanoTime.getAsLong();
  }

  /** To be called when there was nothing to read after a position. Looks every few seconds only. */
  void nothingAfter(LogPosition position) {
    if (!isTimeToLook()) {
      return;
    }
    List<Holder> found =
        connections.read(
            HOLDER,
            parameters -> parameters.number(position.transaction()).number(position.number()),
            row -> new Holder(row.getLong("id"), row.getLong("pid")));
    note(found.isEmpty() ? null : found.getFirst());
  }

  private synchronized boolean isTimeToLook() {
    long now = nanoTime.getAsLong();
    if (now - nextLook < 0) {
      return false;
    }
    nextLook = now + BETWEEN_LOOKS.toNanos();
    return true;
  }

  private synchronized void note(@Nullable Holder now) {
    if (now == null || !now.equals(holder)) {
      if (told) {
        LOG.log(System.Logger.Level.INFO, "The event log is not held back any more");
      }
      holder = now;
      since = nanoTime.getAsLong();
      told = false;
    } else if (!told && nanoTime.getAsLong() - since >= patience.toNanos()) {
      told = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "Webhooks and the search index stand still: {0} of PostgreSQL has had a transaction open"
              + " for more than {1} s. Look for it in pg_stat_activity, whatever its database, and"
              + " end it.",
          now.pid == 0 ? "a prepared transaction" : "process " + now.pid,
          patience.toSeconds());
    }
  }
}
