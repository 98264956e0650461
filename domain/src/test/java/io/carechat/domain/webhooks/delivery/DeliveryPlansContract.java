package io.carechat.domain.webhooks.delivery;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.newEndpoint;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.standing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.webhooks.DeliveryId;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every {@link DeliveryPlans} does. */
public interface DeliveryPlansContract extends DeliveryContract {
  @Test
  default void recordsDeliveriesAndMovesTheCursor() {
    ChatId chat = newChat();
    NewDelivery first = delivery(chat, newEndpoint());
    NewDelivery second = delivery(chat, first.endpointId());

    plan(first, second);

    assertThat(ports().plans().plannedUpTo()).isEqualTo(second.position());
    assertThat(standings(chat, first.endpointId()))
        .containsExactly(
            standing(first, DeliveryState.PENDING, 0), standing(second, DeliveryState.PENDING, 0));
  }

  @Test
  default void movesTheCursorIfNothingIsToBeDelivered() {
    LogPosition to = EventLogContract.positionOf(events(), message());

    assertThat(ports().plans().plan(ports().plans().plannedUpTo(), to, List.of(), NOW)).isTrue();

    assertThat(ports().plans().plannedUpTo()).isEqualTo(to);
    assertThat(claim(NOW)).isEmpty();
  }

  private Message message() {
    return Samples.stored(log(), newChat(), "to nobody");
  }

  @Test
  default void changesNothingIfTheCursorStandsElsewhere() {
    ChatId chat = newChat();
    LogPosition from = ports().plans().plannedUpTo();
    NewDelivery faster = planned(chat, newEndpoint());
    NewDelivery slower = delivery(faster.message(), faster.endpointId());
    NewDelivery later = delivery(chat, newEndpoint());

    assertThat(ports().plans().plan(from, later.position(), List.of(slower, later), NOW)).isFalse();

    assertThat(ports().plans().plannedUpTo()).isEqualTo(faster.position());
    assertThat(standings(chat, faster.endpointId()))
        .containsExactly(standing(faster, DeliveryState.PENDING, 0));
    assertThat(standings(chat, later.endpointId())).isEmpty();
    assertThat(claimIds(NOW)).containsExactly(faster.id());
  }

  @Test
  default void movesNoCursorIfTheDeliveriesCannotBeRecorded() {
    ChatId chat = newChat();
    LogPosition from = ports().plans().plannedUpTo();
    NewDelivery good = delivery(chat, newEndpoint());
    NewDelivery bad = delivery(chat, good.endpointId());
    NewDelivery sameEvent = delivery(bad.message(), bad.endpointId());

    assertThatThrownBy(() ->
            ports().plans().plan(from, sameEvent.position(), List.of(good, bad, sameEvent), NOW))
        .isInstanceOf(RuntimeException.class);

    assertThat(ports().plans().plannedUpTo()).isEqualTo(from);
    assertThat(standings(chat, good.endpointId())).isEmpty();
    assertThat(claim(NOW)).isEmpty();
  }

  @Test
  default void onlyOneOfManyPlannersSucceeds() throws Exception {
    for (int round = 0; round < 5; round++) {
      ChatId chat = newChat();
      EndpointId endpoint = newEndpoint();
      LogPosition from = ports().plans().plannedUpTo();
      Message message = Samples.stored(log(), chat, "once");
      LogPosition to = EventLogContract.positionOf(events(), message);

      List<Boolean> won =
          MessageLogContract.atOnce(
              8,
              () ->
                  ports()
                      .plans()
                      .plan(
                          from,
                          to,
                          List.of(
                              new NewDelivery(
                                  new DeliveryId(Samples.newUuid()),
                                  endpoint,
                                  to,
                                  new ChatEvent.MessageSent(message),
                                  URI.create("https://chat.example/"))),
                          NOW));

      assertThat(won).containsOnlyOnce(true);
      assertThat(standings(chat, endpoint)).hasSize(1);
      assertThat(ports().plans().plannedUpTo()).isEqualTo(to);
    }
  }

  @Test
  default void leavesALaneThatWaitsForARetryWaiting() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    Instant retry = NOW.plusSeconds(300);
    settle(claimOne(NOW), new DeliveryOutcome.RetryAt(retry), NOW);

    planned(chat, first.endpointId());

    assertThat(claim(NOW.plusSeconds(299))).isEmpty();
    assertThat(claimIds(retry)).containsExactly(first.id());
  }

  @Test
  default void leavesAClaimedLaneClaimed() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    ClaimedDelivery claimed = claimOne(NOW);

    NewDelivery second = planned(chat, first.endpointId());

    assertThat(claim(NOW)).isEmpty();
    assertThat(settle(claimed, new DeliveryOutcome.Delivered(), NOW)).isTrue();
    assertThat(claimIds(NOW)).containsExactly(second.id());
  }

  @Test
  default void reopensALaneThatHadNothingLeft() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    settle(claimOne(NOW), new DeliveryOutcome.Delivered(), NOW);

    NewDelivery second = planned(chat, first.endpointId());

    assertThat(claimIds(NOW)).containsExactly(second.id());
  }

  @Test
  default void losesNothingThatIsPlannedWhileTheLaneIsBeingSettled() throws Exception {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    for (int round = 0; round < 20; round++) {
      planned(chat, endpoint);
      ClaimedDelivery claimed = claimOne(NOW);
      NewDelivery next = delivery(chat, endpoint);
      var turn = new AtomicInteger();

      List<Boolean> done =
          MessageLogContract.atOnce(
              2,
              () -> {
                if (turn.getAndIncrement() == 0) {
                  return settle(claimed, new DeliveryOutcome.Delivered(), NOW);
                }
                plan(next);
                return true;
              });

      assertThat(done).containsOnly(true);
      ClaimedDelivery then = claimOne(NOW);
      assertThat(then.id()).isEqualTo(next.id());
      settle(then, new DeliveryOutcome.Delivered(), NOW);
    }
  }
}
