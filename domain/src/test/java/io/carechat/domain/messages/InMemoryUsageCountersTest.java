package io.carechat.domain.messages;

final class InMemoryUsageCountersTest implements UsageCountersContract {
  private final InMemoryUsageCounters counters = new InMemoryUsageCounters();

  @Override
  public UsageCounters counters() {
    return counters;
  }
}
