package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.MessageLog;

/** The fake keeps the contracts of the ports that it stands in for. */
final class InMemoryDeliveryStoreTest
    implements DeliveryPlansContract,
        DeliveryQueueContract,
        EndpointStatesContract,
        RedeliveriesContract,
        DeliveryRetentionContract,
        DeliveryQueriesContract {
  private final InMemoryMessageLog log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
  private final DeliveryPorts ports = new InMemoryDeliveryStore(log::log).ports();

  @Override
  public DeliveryPorts ports() {
    return ports;
  }

  @Override
  public MessageLog log() {
    return log;
  }

  @Override
  public EventLog events() {
    return log;
  }

  @Override
  public InstanceEvents instanceEvents() {
    return log;
  }
}
