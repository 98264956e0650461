package io.carechat.domain.audit;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of the audit, for whoever seals and checks them. Rows are never changed or removed. Safe
 * for use by many threads. May throw {@link Unavailable}.
 */
public interface AuditLog {
  /**
   * Returns instances that have rows, ordered by the name of the tenant, then by that of the
   * instance, both compared as ASCII.
   *
   * @param after only instances after this one; null for the first ones
   * @param limit the maximum number of instances, 1 or more
   */
  List<TenantInstance> instances(@Nullable TenantInstance after, int limit);

  /**
   * Returns the next rows of an instance after a position, in the order of their positions. Once a
   * row has been returned, no row of any instance can appear before it any more. So a reader that
   * always continues after the last row that it saw misses nothing, whatever is stored
   * concurrently. A committed row may be withheld while an older transaction that writes to the
   * audit is still open.
   *
   * @param after the position of the last row that the reader saw, or {@link LogPosition#START}
   * @param limit the maximum number of rows, 1 or more
   */
  List<AuditRow> read(TenantInstance instance, LogPosition after, int limit);
}
