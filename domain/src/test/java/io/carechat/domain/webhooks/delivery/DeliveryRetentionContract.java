package io.carechat.domain.webhooks.delivery;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.newEndpoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link DeliveryRetention} does. */
public interface DeliveryRetentionContract extends DeliveryContract {
  @Test
  default void forgetsWhatWasDeliveredBeforeATimeInBatches() {
    EndpointId endpoint = newEndpoint();
    EndpointId other = newEndpoint();
    ChatId chat = newChat();
    NewDelivery dead = dead(chat, endpoint);
    NewDelivery one = delivered(chat, endpoint);
    NewDelivery two = delivered(chat, endpoint);
    NewDelivery toOther = delivered(chat, other);
    Instant before = find(toOther).createdAt().plusSeconds(1);
    NewDelivery young = delivery(chat, endpoint);
    plan(before, young);
    deliverAll(before);
    NewDelivery pending = delivery(chat, endpoint);
    plan(before, pending);

    int forgotten = 0;
    int batch = ports().retention().forgetDelivered(before, 1);
    assertThat(batch).isEqualTo(1);
    while (batch > 0) {
      forgotten += batch;
      batch = ports().retention().forgetDelivered(before, 1);
    }

    assertThat(forgotten).isGreaterThanOrEqualTo(3);
    assertThat(all(endpoint, Samples.ALL_DELIVERIES))
        .containsExactly(pending.id(), young.id(), dead.id());
    assertThat(ports().queries().anyOf(Samples.THIS_INSTANCE, other)).isFalse();
    for (NewDelivery gone : List.of(one, two)) {
      assertThat(ports().queries().find(Samples.THIS_INSTANCE, endpoint, gone.id())).isEmpty();
      assertThat(ports().queries().attempts(Samples.THIS_INSTANCE, endpoint, gone.id())).isEmpty();
    }
    assertThat(ports().queries().attempts(Samples.THIS_INSTANCE, endpoint, dead.id())).hasSize(1);
    assertThat(deliverAll(before)).containsExactly(pending.id());
  }
}
