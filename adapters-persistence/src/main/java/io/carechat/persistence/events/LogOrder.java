package io.carechat.persistence.events;

/**
 * How far the event log can be read so that nothing appears before what was read.
 *
 * <p>Events are in the order of their transactions' ids, which is not the order in which these
 * commit. So a reader stops at the oldest transaction that may still add an event. Only whoever
 * writes to the log counts: it takes a lock that everybody can see, <em>before</em> it gets its id,
 * and the lock is named by a number that is not above that id. PostgreSQL frees a lock only after
 * the commit is visible. So a reader that
 *
 * <ol>
 *   <li>notes the id that all later transactions are at or above,
 *   <li>then looks who has such locks,
 *   <li>then, in a later statement, reads what is below all of these
 * </ol>
 *
 * sees every event that there will ever be below that. A transaction of somebody else's, however
 * long it stays open, holds no reader back.
 */
final class LogOrder {
  /**
   * Numbers these locks apart from all others; the rest of a lock's name is the lower half of an
   * id.
   */
  private static final String OURS = "1667330401";

  private static final String NEXT_ID = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

  /**
   * An expression that takes the lock until the transaction ends. Every transaction that will write
   * to the log evaluates it, in a statement before the one that gives it its id.
   */
  static final String ENTER =
      "pg_advisory_xact_lock_shared(%s, ((%s + 2147483648) %% 4294967296 - 2147483648)::integer)"
          .formatted(OURS, NEXT_ID);

  /**
   * An expression: the id below which the log is complete for the statements after this one, not
   * for this one itself. It may be lower than it was a moment ago, but nothing appears below what
   * it was. A lock's half of an id stands for the whole id that is nearest to the next one.
   */
  static final String HORIZON =
      """
      (
        select least(
          next.id,
          min(next.id + (lock.objid::bigint - next.id % 4294967296 + 6442450944) % 4294967296 - 2147483648))
        from (select NEXT_ID as id) as next
          left join pg_locks lock
            on lock.locktype = 'advisory' and lock.classid = OURS and lock.objsubid = 2
              and lock.database = (select oid from pg_database where datname = current_database())
        group by next.id
      )\
      """
          .replace("NEXT_ID", NEXT_ID)
          .replace("OURS", OURS);

  /** An expression that keeps the horizon for the next statement of the same transaction. */
  static final String NOTE_HORIZON =
      "set_config('carechat.log_horizon', " + HORIZON + "::text, true)";

  /** The horizon that was kept. */
  static final String NOTED_HORIZON = "current_setting('carechat.log_horizon')::bigint";

  private LogOrder() {}
}
