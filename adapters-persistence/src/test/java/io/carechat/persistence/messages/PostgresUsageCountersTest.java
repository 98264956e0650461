package io.carechat.persistence.messages;

import io.carechat.domain.messages.UsageCounters;
import io.carechat.domain.messages.UsageCountersContract;
import io.carechat.persistence.StorageTest;

final class PostgresUsageCountersTest extends StorageTest implements UsageCountersContract {
  @Override
  public UsageCounters counters() {
    return storage.usage();
  }
}
