package io.carechat.domain.messages;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import java.util.Map;

/**
 * Counts what instances have sent and stored, for all nodes together. Safe for use by many threads
 * and by several nodes.
 */
public interface UsageCounters {
  /**
   * What an instance has sent and stored.
   *
   * @param day the day that {@code messages} is about, as the number of days since 1970-01-01, UTC
   * @param messages how many messages were sent on that day
   * @param bytes how many bytes the texts of its messages have, on whatever day they were sent
   */
  record Usage(long day, long messages, long bytes) {}

  /**
   * Adds to the counts of instances, in one transaction. A later day replaces the counts of the day
   * before it. What is added for an earlier day changes the bytes only.
   *
   * @param more what to add for each instance; zeros to read the counts
   * @return the counts of these instances after that
   * @throws Unavailable if they are unavailable; it is then unknown whether something was added
   */
  Map<TenantInstance, Usage> add(Map<TenantInstance, Usage> more);
}
