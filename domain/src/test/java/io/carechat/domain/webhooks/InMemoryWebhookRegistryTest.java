package io.carechat.domain.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.webhooks.delivery.DeliveryPorts;
import io.carechat.domain.webhooks.delivery.InMemoryDeliveryStore;
import org.junit.jupiter.api.Test;

/** The fake keeps the contract that it stands in for. */
final class InMemoryWebhookRegistryTest
    implements WebhookRegistryContract.Adding,
        WebhookRegistryContract.Changing,
        WebhookRegistryContract.Enabling {
  private final InMemoryMessageLog log = new InMemoryMessageLog(new ManualClock(Samples.NOON));
  private final DeliveryPorts ports = new InMemoryDeliveryStore(log::log).ports();

  @Override
  public WebhookRegistry registry() {
    return ports.registry();
  }

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

  @Test
  void addsNothingWithoutAKey() {
    var store = new InMemoryDeliveryStore();
    var without = new InMemoryWebhookRegistry(false, store);
    TenantInstance instance = WebhookRegistryContract.newInstance();
    WebhookEndpoint endpoint =
        WebhookRegistryContract.endpoint(instance, new EndpointId("crm"), Samples.NOON);

    assertThat(without.keepsSecrets()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> without.add(endpoint, false, 100));
    assertThat(without.of(instance)).isEmpty();
    assertThat(store.health(instance)).isEmpty();
  }
}
