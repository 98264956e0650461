package io.carechat.domain.keys;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.messages.InMemoryMessageLog;

final class InMemoryKeyRegistryTest implements KeyRegistryContract {
  private final InMemoryMessageLog log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
  private final InMemoryKeyRegistry registry = new InMemoryKeyRegistry(log::log);

  @Override
  public KeyRegistry registry() {
    return registry;
  }

  @Override
  public EventLog events() {
    return log;
  }
}
