package io.carechat.domain.evidence;

import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.AuditLog;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.CallerType;
import io.carechat.domain.audit.Disclosure;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An audit whose rows a test may change, as somebody with all rights in the database could. */
public final class TamperableAudit implements AuditLog {
  /** The rows of all instances, in any order. */
  public final List<AuditRow> rows = new ArrayList<>();

  private long next = 1;

  /** An entry with a number in it. */
  public static AuditEntry entry(TenantInstance instance, long number) {
    return new AuditEntry(
        Samples.NOON.plusSeconds(number),
        instance,
        CallerType.PARTNER,
        "partner",
        "partner",
        false,
        "192.0.2.7",
        "getChat",
        null,
        "request-" + number,
        200,
        null,
        Disclosure.NOTHING);
  }

  /** Adds rows at the end. */
  public synchronized void add(TenantInstance instance, int count) {
    for (int i = 0; i < count; i++) {
      rows.add(new AuditRow(new LogPosition(700 + next / 3, next), entry(instance, next)));
      next++;
    }
  }

  /** Changes the row at a place of the list. */
  public void change(int index) {
    AuditRow row = rows.get(index);
    rows.set(index, new AuditRow(row.position(), entry(row.entry().instance(), 1_000_000)));
  }

  /** Exchanges the contents of two rows of the list. */
  public void swap(int one, int other) {
    AuditRow first = rows.get(one);
    AuditRow second = rows.get(other);
    rows.set(one, new AuditRow(first.position(), second.entry()));
    rows.set(other, new AuditRow(second.position(), first.entry()));
  }

  @Override
  public synchronized List<TenantInstance> instances(@Nullable TenantInstance after, int limit) {
    Comparator<TenantInstance> order =
        Comparator.comparing(TenantInstance::tenantName)
            .thenComparing(TenantInstance::instanceName);
    return rows.stream()
        .map(row -> row.entry().instance())
        .distinct()
        .sorted(order)
        .filter(instance -> after == null || order.compare(instance, after) > 0)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<AuditRow> read(TenantInstance instance, LogPosition after, int limit) {
    return rows.stream()
        .filter(row -> row.entry().instance().equals(instance))
        .filter(row -> row.position().compareTo(after) > 0)
        .sorted(Comparator.comparing(AuditRow::position))
        .limit(limit)
        .toList();
  }
}
