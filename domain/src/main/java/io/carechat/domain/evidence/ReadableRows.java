package io.carechat.domain.evidence;

import io.carechat.domain.audit.AuditLog;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.util.List;

/**
 * Reads rows of the audit. Somebody with rights of his own in the database may have written what
 * the service never writes and cannot read. Such a row must hide neither the other rows nor those
 * of other instances.
 */
final class ReadableRows {
  private ReadableRows() {}

  /**
   * The next rows, as far as they can be read.
   *
   * @param rows the rows before the first one that cannot be read
   * @param complete whether there is no such row
   */
  record Read(List<AuditRow> rows, boolean complete) {}

  /**
   * Reads as {@link AuditLog#read} does.
   *
   * @throws Unavailable if the audit is unavailable
   */
  static Read read(AuditLog audit, TenantInstance instance, LogPosition after, int limit) {
    try {
      return new Read(audit.read(instance, after, limit), true);
    } catch (IllegalArgumentException | IllegalStateException | NullPointerException e) {
      return new Read(beforeUnreadable(audit, instance, after, limit), false);
    }
  }

  private static List<AuditRow> beforeUnreadable(
      AuditLog audit, TenantInstance instance, LogPosition after, int limit) {
    List<AuditRow> readable = List.of();
    int unreadable = limit;
    while (readable.size() + 1 < unreadable) {
      int middle = (readable.size() + unreadable) >>> 1;
      try {
        readable = audit.read(instance, after, middle);
      } catch (IllegalArgumentException | IllegalStateException | NullPointerException e) {
        unreadable = middle;
      }
    }
    return readable;
  }
}
