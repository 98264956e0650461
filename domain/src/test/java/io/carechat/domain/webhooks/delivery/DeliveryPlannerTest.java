package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.webhooks.WebhookEndpoint;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DeliveryPlannerTest extends DeliveryFixture {
  @Test
  void plansNothingWithoutAnEndpointAndContinues() {
    ChatId chat = Samples.newChat();
    send(chat, "before");
    run();
    configure(Samples.THIS_INSTANCE, CRM);
    send(chat, "after");
    run();

    assertThat(texts()).containsExactly("after");
    assertThat(planner.plan()).isZero();
  }

  @Test
  void plansEachEventOnceEvenIfTwoNodesPlan() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    var overtaken = new OvertakenLog();
    DeliveryPlanner slower = planner(overtaken);

    assertThat(slower.plan()).isEqualTo(1);
    run();

    assertThat(texts()).containsExactly("one");
    assertThat(deliveries(chat, CRM)).hasSize(1);
  }

  /** A log after whose reading another node plans at once. */
  private final class OvertakenLog implements EventLog {
    @Override
    public List<LoggedEvent> read(LogPosition after, int limit) {
      List<LoggedEvent> read = log.read(after, limit);
      planner.plan();
      return read;
    }
  }

  @Test
  void plansOnlyAsMuchAtOnceAsCanBeStoredAtOnceInOrder() {
    for (int i = 0; i < 100; i++) {
      configure(Samples.THIS_INSTANCE, new EndpointId("endpoint-" + i));
    }
    ChatId chat = Samples.newChat();
    for (int i = 0; i < 25; i++) {
      send(chat, "text " + i);
    }

    assertThat(List.of(planner.plan(), planner.plan(), planner.plan())).containsExactly(20, 5, 0);
    List<String> sent = IntStream.range(0, 25).mapToObj(i -> "text " + i).toList();
    for (WebhookEndpoint endpoint : configured) {
      assertThat(deliveries(chat, endpoint.id()))
          .extracting(delivery -> textOf(chat, delivery))
          .isEqualTo(sent);
    }
  }

  private String textOf(ChatId chat, Delivery delivery) {
    return log.find(chat, delivery.message()).orElseThrow().text().value();
  }
}
