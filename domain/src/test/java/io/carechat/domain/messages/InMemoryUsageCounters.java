package io.carechat.domain.messages;

import io.carechat.domain.chat.TenantInstance;
import java.util.HashMap;
import java.util.Map;

/** The counts of instances, without a database. */
public final class InMemoryUsageCounters implements UsageCounters {
  private final Map<TenantInstance, Usage> counts = new HashMap<>();

  @Override
  public synchronized Map<TenantInstance, Usage> add(Map<TenantInstance, Usage> more) {
    var after = new HashMap<TenantInstance, Usage>();
    more.forEach((instance, usage) ->
        after.put(instance, counts.merge(instance, usage, InMemoryUsageCounters::sum)));
    return after;
  }

  private static Usage sum(Usage old, Usage more) {
    long bytes = old.bytes() + more.bytes();
    if (more.day() == old.day()) {
      return new Usage(old.day(), old.messages() + more.messages(), bytes);
    }
    return more.day() > old.day()
        ? new Usage(more.day(), more.messages(), bytes)
        : new Usage(old.day(), old.messages(), bytes);
  }
}
