package io.carechat.domain.audit;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An audit in memory. */
public final class InMemoryAudit implements AuditTrail, AuditLog, AuditQueries {
  private static final Comparator<TenantInstance> ORDER =
      Comparator.comparing(TenantInstance::tenantName).thenComparing(TenantInstance::instanceName);

  private final List<AuditRow> rows = new ArrayList<>();
  private boolean away;
  private volatile @Nullable Runnable before;

  /** From now on, this runs before an entry is stored, on the thread that waits for that. */
  public void setBefore(@Nullable Runnable first) {
    before = first;
  }

  /** From now on, nothing can be stored, or everything again. */
  public synchronized void setAway(boolean isAway) {
    away = isAway;
  }

  /** All rows, in the order in which they were stored. */
  public synchronized List<AuditRow> rows() {
    return List.copyOf(rows);
  }

  @Override
  public void record(AuditEntry entry) {
    Runnable first = before;
    if (first != null) {
      first.run();
    }
    add(entry);
  }

  private synchronized void add(AuditEntry entry) {
    if (away) {
      throw new Unavailable("the audit is away", Duration.ofSeconds(3));
    }
    rows.add(new AuditRow(new LogPosition(rows.size() + 1, 1), entry));
  }

  @Override
  public synchronized void recordSoon(AuditEntry entry) {
    if (!away) {
      add(entry);
    }
  }

  @Override
  public synchronized List<TenantInstance> instances(@Nullable TenantInstance after, int limit) {
    return rows.stream()
        .map(row -> row.entry().instance())
        .distinct()
        .filter(instance -> after == null || ORDER.compare(instance, after) > 0)
        .sorted(ORDER)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<AuditRow> read(TenantInstance instance, LogPosition after, int limit) {
    return rows.stream()
        .filter(row -> row.entry().instance().equals(instance))
        .filter(row -> row.position().compareTo(after) > 0)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized Found read(
      TenantInstance instance, AuditFilter filter, Window<AuditKey> window, int limit) {
    boolean ascending = window instanceof Window.After<AuditKey>;
    Comparator<AuditRow> order = Comparator.comparing(AuditRow::key);
    var found = new ArrayList<AuditRow>();
    AuditKey examinedTo = null;
    int examined = 0;
    for (AuditRow row :
        rows.stream()
            .filter(row -> row.entry().instance().equals(instance))
            .filter(row -> window.contains(row.key()))
            .filter(row -> isInIndex(filter, row.entry()))
            .sorted(ascending ? order : order.reversed())
            .toList()) {
      if (found.size() == limit) {
        break;
      }
      if (filter.matches(row.entry())) {
        found.add(row);
      }
      examined++;
      if (examined == MAX_EXAMINED && found.size() < limit) {
        examinedTo = row.key();
        break;
      }
    }
    return new Found(ascending ? found.reversed() : found, examinedTo);
  }

  /** The part of the condition for which there is an index. */
  private static boolean isInIndex(AuditFilter filter, AuditEntry entry) {
    return new AuditFilter(filter.patient(), null, null, filter.from(), filter.to()).matches(entry);
  }
}
