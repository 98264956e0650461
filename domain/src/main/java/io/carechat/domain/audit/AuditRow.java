package io.carechat.domain.audit;

import io.carechat.domain.events.LogPosition;

/**
 * An entry that is stored in the audit.
 *
 * @param position the position in the audit log, unique in it. {@link AuditLog} gives the rows of
 *     an instance in this order.
 * @param entry what it says
 */
public record AuditRow(LogPosition position, AuditEntry entry) {
  /** Returns the id of the row: {@code transaction-number}, both in decimal. */
  public String id() {
    return Long.toUnsignedString(position.transaction()) + "-" + position.number();
  }

  /** Returns the key that orders the lists of rows. */
  public AuditKey key() {
    return new AuditKey(entry.occurredAt(), position);
  }
}
