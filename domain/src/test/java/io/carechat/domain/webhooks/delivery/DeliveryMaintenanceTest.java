package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.webhooks.WebhookEndpoint;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class DeliveryMaintenanceTest extends DeliveryFixture {
  @Test
  void redeliversWhatAnEndpointMissedWhileItWasRemoved() {
    WebhookEndpoint removed = configure(Samples.THIS_INSTANCE, MADE_BY_API);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    planner.plan();
    configured.remove(removed);
    run();
    clock.move(Duration.ofDays(10));
    configured.add(removed);
    send(chat, "three");
    planner.plan();

    assertThat(
            store.redeliverAll(
                Samples.THIS_INSTANCE,
                MADE_BY_API,
                Redeliveries.Redeliverable.DEAD,
                Instant.EPOCH,
                clock.instant()))
        .hasValue(2);
    while (maintenance.continueRedeliveries()) {
      // Until all of them are pending again.
    }
    run();

    assertThat(texts()).containsExactly("one", "two", "three");
    maintenance.disableFailing(Duration.ofDays(5));
    assertThat(DeliveryContract.disabled(store, Samples.THIS_INSTANCE)).isEmpty();
  }

  @Test
  void disablesAnEndpointThatFailsForTooLong() {
    configure(Samples.THIS_INSTANCE, CRM);
    receiver = call -> status(500);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    for (int i = 0; i < 8; i++) {
      send(Samples.newChat(), "another " + i);
      run();
      maintenance.disableFailing(Duration.ofDays(5));
      if (i < 5) {
        assertThat(DeliveryContract.disabled(store, Samples.THIS_INSTANCE)).isEmpty();
      }
      clock.move(Duration.ofDays(1));
    }
    assertThat(DeliveryContract.disabled(store, Samples.THIS_INSTANCE)).containsExactly(CRM);
    int before = calls.size();
    run();
    assertThat(calls).hasSize(before);
  }

  @Test
  void forgetsWhatWasDeliveredLongAgo() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    run();
    clock.move(Duration.ofDays(30));

    assertThat(maintenance.forgetDelivered(Duration.ofDays(31))).isFalse();
    assertThat(deliveries(chat, CRM)).hasSize(1);
    assertThat(maintenance.forgetDelivered(Duration.ofDays(29))).isFalse();
    assertThat(deliveries(chat, CRM)).isEmpty();
  }
}
