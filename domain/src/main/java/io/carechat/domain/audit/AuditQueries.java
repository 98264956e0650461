package io.carechat.domain.audit;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the audit for those who may see it. Rows are ordered by {@link AuditRow#key}. Safe for use
 * by many threads. May throw {@link Unavailable}.
 */
public interface AuditQueries {
  /**
   * How many rows are looked at for a page of a filter that has no index of its own: the credential
   * and the operation.
   */
  int MAX_EXAMINED = 20_000;

  /**
   * Rows of a window.
   *
   * @param newestFirst the rows that meet the condition, newest first
   * @param examinedTo the key of the last row that was looked at, if there may be more rows beyond
   *     it that were not looked at; otherwise null
   */
  record Found(List<AuditRow> newestFirst, @Nullable AuditKey examinedTo) {
    /** Copies the list. */
    public Found {
      newestFirst = List.copyOf(newestFirst);
    }
  }

  /**
   * Returns up to {@code limit} rows of a window that meet a condition. If the window has more,
   * those nearest to its cursor are returned. It stops after it has looked at {@value
   * #MAX_EXAMINED} rows, and says so.
   *
   * @param limit 1 or more
   */
  Found read(TenantInstance instance, AuditFilter filter, Window<AuditKey> window, int limit);
}
