package io.carechat.domain.audit;

import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.PrintableTimes;
import java.time.Instant;
import java.util.Comparator;

/**
 * The key that orders the lists of audit rows: by time first, then by the position in the log. No
 * two rows have the same key.
 *
 * @param occurredAt the {@link AuditEntry#occurredAt} of the row
 * @param position the position of the row in the audit log
 */
public record AuditKey(Instant occurredAt, LogPosition position) implements Comparable<AuditKey> {
  private static final LogPosition LAST = new LogPosition(Long.MAX_VALUE, Long.MAX_VALUE);

  private static final Comparator<AuditKey> ORDER =
      Comparator.comparing(AuditKey::occurredAt).thenComparing(AuditKey::position);

  /** Computes the cursors of an empty page. */
  public static final Neighbours<AuditKey> NEIGHBOURS =
      new Neighbours<>() {
        @Override
        public AuditKey start() {
          return startOf(Instant.EPOCH);
        }

        @Override
        public AuditKey previous(AuditKey key) {
          return key.occurredAt.isAfter(PrintableTimes.EARLIEST)
              ? new AuditKey(key.occurredAt.minusMillis(1), LAST)
              : startOf(PrintableTimes.EARLIEST);
        }

        @Override
        public AuditKey next(AuditKey key) {
          return key.occurredAt.isBefore(PrintableTimes.LATEST)
              ? startOf(key.occurredAt.plusMillis(1))
              : new AuditKey(PrintableTimes.LATEST, LAST);
        }
      };

  /** Returns the least key of a time. No row of that time has a smaller key. */
  public static AuditKey startOf(Instant time) {
    return new AuditKey(time, LogPosition.START);
  }

  @Override
  public int compareTo(AuditKey other) {
    return ORDER.compare(this, other);
  }
}
