package io.carechat.domain.webhooks.delivery;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.newEndpoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.DeliveryId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every {@link Redeliveries} does. */
public interface RedeliveriesContract extends DeliveryContract {
  // --- redeliver

  private Redeliveries.Outcome redeliver(NewDelivery delivery) {
    return ports()
        .redeliveries()
        .redeliver(Samples.THIS_INSTANCE, delivery.endpointId(), delivery.id(), NOW);
  }

  @Test
  default void makesADeadDeliveryAgainWithTheSameIdAndContinuesCounting() {
    ChatId chat = newChat();
    NewDelivery dead = dead(chat, newEndpoint());

    assertThat(redeliver(dead)).isEqualTo(new Redeliveries.Outcome.Due());

    Delivery pending = find(dead);
    assertThat(pending.state()).isEqualTo(DeliveryState.PENDING);
    assertThat(pending.redeliveredAt()).isEqualTo(NOW);
    assertThat(pending.nextAttemptAt()).isNotNull().isBeforeOrEqualTo(pending.createdAt());
    ClaimedDelivery again = claimOne(NOW);
    assertThat(again.id()).isEqualTo(dead.id());
    assertThat(again.event()).isEqualTo(dead.event());
    assertThat(again.patientUrl()).isEqualTo(dead.patientUrl());
    assertThat(again.attempt()).as("its schedule begins again").isEqualTo(1);
    Instant retry = NOW.plusSeconds(5);
    settle(again, new DeliveryOutcome.RetryAt(retry), NOW);
    assertThat(claimOne(retry).attempt()).isEqualTo(2);
    assertThat(ports().queries().attempts(Samples.THIS_INSTANCE, dead.endpointId(), dead.id()))
        .extracting(DeliveryAttempt::number)
        .containsExactly(1, 2);
  }

  @Test
  default void makesADeliveredDeliveryAgain() {
    NewDelivery delivered = delivered(newChat(), newEndpoint());

    assertThat(redeliver(delivered)).isEqualTo(new Redeliveries.Outcome.Due());

    assertThat(deliverAll(NOW)).containsExactly(delivered.id());
    assertThat(find(delivered).state()).isEqualTo(DeliveryState.DELIVERED);
    assertThat(find(delivered).attempts()).isEqualTo(2);
  }

  @Test
  default void putsItBeforeLaterPendingDeliveriesWhichKeepTheirTimes() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery dead = dead(chat, endpoint);
    NewDelivery waiting = planned(chat, endpoint);
    NewDelivery last = planned(chat, endpoint);
    Instant retry = NOW.plusSeconds(300);
    attempt(new DeliveryOutcome.RetryAt(retry), NOW);

    redeliver(dead);

    assertThat(find(waiting).waitsFor()).isEqualTo(dead.id());
    assertThat(deliverAll(NOW)).containsExactly(dead.id());
    assertThat(claim(retry.minusMillis(1))).isEmpty();
    assertThat(deliverAll(retry)).containsExactly(waiting.id(), last.id());
  }

  @Test
  default void comesNextIfAnotherDeliveryOfItsLaneIsBeingAttempted() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery dead = dead(chat, endpoint);
    NewDelivery underWay = planned(chat, endpoint);
    NewDelivery last = planned(chat, endpoint);
    ClaimedDelivery claimed = claimOne(NOW);
    assertThat(claimed.id()).isEqualTo(underWay.id());

    assertThat(redeliver(dead)).isEqualTo(new Redeliveries.Outcome.Due());

    assertThat(claim(NOW)).as("one at a time").isEmpty();
    Instant retry = NOW.plusSeconds(300);
    settle(claimed, new DeliveryOutcome.RetryAt(retry), NOW);
    assertThat(deliverAll(NOW)).containsExactly(dead.id());
    assertThat(deliverAll(retry)).containsExactly(underWay.id(), last.id());
  }

  @Test
  default void makesTheFirstDeliveryOfALaneDueAtOnce() {
    NewDelivery planned = planned(newChat(), newEndpoint());
    attempt(new DeliveryOutcome.RetryAt(NOW.plusSeconds(300)), NOW);

    assertThat(redeliver(planned)).isEqualTo(new Redeliveries.Outcome.Due());

    ClaimedDelivery claimed = claimOne(NOW);
    assertThat(claimed.id()).isEqualTo(planned.id());
    assertThat(claimed.attempt()).as("its schedule continues").isEqualTo(2);
    assertThat(redeliver(planned))
        .as("while it is attempted")
        .isEqualTo(new Redeliveries.Outcome.Due());
    assertThat(claim(NOW)).isEmpty();
    assertThat(settle(claimed, new DeliveryOutcome.Delivered(), NOW)).isTrue();
    assertThat(claim(NOW)).isEmpty();
  }

  @Test
  default void namesTheDeliveryThatComesFirstAndChangesNothing() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    NewDelivery second = planned(chat, first.endpointId());
    Instant retry = NOW.plusSeconds(300);
    attempt(new DeliveryOutcome.RetryAt(retry), NOW);

    assertThat(redeliver(second)).isEqualTo(new Redeliveries.Outcome.WaitsFor(first.id()));

    assertThat(claim(NOW)).isEmpty();
    assertThat(deliverAll(retry)).containsExactly(first.id(), second.id());
  }

  @Test
  default void waitsForADisabledEndpoint() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery dead = dead(newChat(), endpoint);
    NewDelivery refused = refused(chat, endpoint);

    assertThat(redeliver(dead)).isEqualTo(new Redeliveries.Outcome.Due());

    assertThat(claim(NOW.plus(Duration.ofDays(1)))).isEmpty();
    assertThat(find(dead).nextAttemptAt()).isNull();
    ports().states().enable(Samples.THIS_INSTANCE, endpoint);
    assertThat(deliverAll(NOW)).containsExactlyInAnyOrder(dead.id(), refused.id());
  }

  @Test
  default void redeliversNothingOfAnotherTenantInstanceOrEndpoint() {
    NewDelivery dead = dead(newChat(), newEndpoint());

    for (TenantInstance instance : ELSEWHERE) {
      assertThat(ports().redeliveries().redeliver(instance, dead.endpointId(), dead.id(), NOW))
          .isEqualTo(new Redeliveries.Outcome.NoSuchDelivery());
    }
    assertThat(
            ports().redeliveries().redeliver(Samples.THIS_INSTANCE, newEndpoint(), dead.id(), NOW))
        .isEqualTo(new Redeliveries.Outcome.NoSuchDelivery());
    assertThat(
            ports()
                .redeliveries()
                .redeliver(
                    Samples.THIS_INSTANCE,
                    dead.endpointId(),
                    new DeliveryId(Samples.newUuid()),
                    NOW))
        .isEqualTo(new Redeliveries.Outcome.NoSuchDelivery());

    assertThat(find(dead).state()).isEqualTo(DeliveryState.DEAD);
    assertThat(claim(NOW)).isEmpty();
  }

  @Test
  default void redeliversOnceHoweverManyAskForItAtOnce() throws Exception {
    NewDelivery dead = dead(newChat(), newEndpoint());

    List<Redeliveries.Outcome> answers = MessageLogContract.atOnce(8, () -> redeliver(dead));

    assertThat(answers).containsOnly(new Redeliveries.Outcome.Due());
    assertThat(deliverAll(NOW)).containsExactly(dead.id());
  }

  @Test
  default void losesNoLaneThatIsSettledMeanwhile() throws Exception {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery dead = dead(chat, endpoint);
    for (int round = 0; round < 20; round++) {
      NewDelivery next = planned(chat, endpoint);
      ClaimedDelivery claimed = claimOne(NOW);
      assertThat(claimed.id()).isEqualTo(next.id());
      var turn = new AtomicInteger();

      List<Boolean> done =
          MessageLogContract.atOnce(
              2,
              () ->
                  turn.getAndIncrement() == 0
                      ? settle(claimed, new DeliveryOutcome.Delivered(), NOW)
                      : redeliver(dead).equals(new Redeliveries.Outcome.Due()));

      assertThat(done).containsOnly(true);
      assertThat(deliverAll(NOW)).containsExactly(dead.id());
    }
  }

  // --- redeliverAll and continueBatch

  private int redeliverAll(EndpointId endpoint, Redeliveries.Redeliverable which, Instant since) {
    return ports()
        .redeliveries()
        .redeliverAll(Samples.THIS_INSTANCE, endpoint, which, since, afterAll())
        .orElseThrow();
  }

  /** A time when all deliveries have been created. */
  private static Instant afterAll() {
    return NOW.plus(Duration.ofDays(3_000));
  }

  @Test
  default void redeliversAllThatIsDeadAndNothingElse() {
    EndpointId endpoint = newEndpoint();
    ChatId chat = newChat();
    NewDelivery one = dead(chat, endpoint);
    delivered(chat, endpoint);
    NewDelivery two = dead(chat, endpoint);
    NewDelivery ofOther = dead(newChat(), endpoint);
    NewDelivery toOther = dead(chat, newEndpoint());

    assertThat(redeliverAll(endpoint, Redeliveries.Redeliverable.DEAD, Instant.EPOCH)).isEqualTo(3);
    continueAll(100);

    List<DeliveryId> delivered = deliverAll(NOW);
    assertThat(delivered).containsExactlyInAnyOrder(one.id(), two.id(), ofOther.id());
    assertThat(delivered).containsSubsequence(one.id(), two.id());
    assertThat(find(toOther).state()).isEqualTo(DeliveryState.DEAD);
    assertThat(find(one).redeliveredAt()).isEqualTo(afterAll());
  }

  @Test
  default void redeliversDeliveredOnesTooFromATimeOn() {
    EndpointId endpoint = newEndpoint();
    ChatId chat = newChat();
    dead(chat, endpoint);
    delivered(chat, endpoint);
    Instant since =
        ports()
            .queries()
            .read(Samples.THIS_INSTANCE, endpoint, Samples.ALL_DELIVERIES, new Window.Newest<>(), 1)
            .getFirst()
            .createdAt()
            .plusSeconds(10);
    NewDelivery three = delivery(chat, endpoint);
    plan(since, three);
    assertThat(deliverAll(since)).containsExactly(three.id());
    NewDelivery four = delivery(chat, endpoint);
    plan(since, four);
    attempt(new DeliveryOutcome.GaveUp(), since);

    assertThat(redeliverAll(endpoint, Redeliveries.Redeliverable.ALL, since)).isEqualTo(2);
    continueAll(1);

    assertThat(deliverAll(since)).containsExactly(three.id(), four.id());
    continueAll(1);
    assertThat(claim(since)).as("once only").isEmpty();
  }

  @Test
  default void keepsTheOrderOfEachChatAcrossBatchesAndBeforeWhatIsPending() {
    EndpointId endpoint = newEndpoint();
    List<ChatId> chats = List.of(newChat(), newChat(), newChat());
    var expected = new HashMap<ChatId, List<DeliveryId>>();
    for (int i = 0; i < 4; i++) {
      for (ChatId chat : chats) {
        NewDelivery delivery = i % 2 == 0 ? dead(chat, endpoint) : delivered(chat, endpoint);
        expected.computeIfAbsent(chat, key -> new ArrayList<>()).add(delivery.id());
      }
    }
    Instant retry = NOW.plusSeconds(300);
    for (ChatId chat : chats) {
      NewDelivery pending = planned(chat, endpoint);
      attempt(new DeliveryOutcome.RetryAt(retry), NOW);
      expected.computeIfAbsent(chat, key -> new ArrayList<>()).add(pending.id());
    }

    assertThat(redeliverAll(endpoint, Redeliveries.Redeliverable.ALL, Instant.EPOCH)).isEqualTo(12);
    var order = new ArrayList<DeliveryId>();
    boolean more = true;
    while (more) {
      // Workers continue between the batches.
      more = ports().redeliveries().continueBatch(1, NOW);
      order.addAll(deliverAll(NOW));
    }
    order.addAll(deliverAll(retry));

    for (List<DeliveryId> ofChat : expected.values()) {
      assertThat(order.stream().filter(ofChat::contains)).containsExactlyElementsOf(ofChat);
    }
  }

  @Test
  default void endsEvenIfWhatItRedeliversFailsAgain() {
    EndpointId endpoint = newEndpoint();
    NewDelivery dead = dead(newChat(), endpoint);
    redeliverAll(endpoint, Redeliveries.Redeliverable.DEAD, Instant.EPOCH);

    boolean _ = ports().redeliveries().continueBatch(10, NOW);
    attempt(new DeliveryOutcome.EndpointUnknown(), NOW);
    continueAll(10);

    assertThat(find(dead).state()).isEqualTo(DeliveryState.DEAD);
    assertThat(claim(NOW)).isEmpty();
  }

  @Test
  default void redeliversManyOfAnEndpointOnceAtATime() throws Exception {
    EndpointId endpoint = newEndpoint();
    NewDelivery dead = dead(newChat(), endpoint);
    List<Callable<OptionalInt>> requests = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      requests.add(() ->
          ports()
              .redeliveries()
              .redeliverAll(
                  Samples.THIS_INSTANCE,
                  endpoint,
                  Redeliveries.Redeliverable.ALL,
                  Instant.EPOCH,
                  afterAll()));
    }
    var accepted = new ArrayList<OptionalInt>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<OptionalInt> each : threads.invokeAll(requests)) {
        accepted.add(each.get());
      }
    }
    assertThat(accepted).filteredOn(OptionalInt::isPresent).containsExactly(OptionalInt.of(1));

    // Neither another endpoint nor the same id in another instance has to wait.
    assertThat(redeliverAll(newEndpoint(), Redeliveries.Redeliverable.ALL, Instant.EPOCH)).isZero();
    assertThat(
            ports()
                .redeliveries()
                .redeliverAll(
                    ELSEWHERE.getFirst(),
                    endpoint,
                    Redeliveries.Redeliverable.ALL,
                    Instant.EPOCH,
                    afterAll()))
        .hasValue(0);
    continueAll(10);
    assertThat(deliverAll(NOW)).containsExactly(dead.id());
    assertThat(
            ports()
                .redeliveries()
                .redeliverAll(
                    Samples.THIS_INSTANCE,
                    endpoint,
                    Redeliveries.Redeliverable.ALL,
                    Instant.EPOCH,
                    afterAll().plusSeconds(1)))
        .hasValue(1);
    continueAll(10);
    assertThat(deliverAll(NOW)).containsExactly(dead.id());
  }

  @Test
  default void redeliversNothingOfAnotherTenantOrInstance() {
    EndpointId endpoint = newEndpoint();
    NewDelivery dead = dead(newChat(), endpoint);

    for (TenantInstance instance : ELSEWHERE) {
      assertThat(
              ports()
                  .redeliveries()
                  .redeliverAll(
                      instance,
                      endpoint,
                      Redeliveries.Redeliverable.ALL,
                      Instant.EPOCH,
                      afterAll()))
          .hasValue(0);
    }
    continueAll(10);

    assertThat(find(dead).state()).isEqualTo(DeliveryState.DEAD);
    assertThat(claim(NOW)).isEmpty();
  }

  @Test
  default void hasNothingToContinueIfNobodyAskedForIt() {
    assertThat(ports().redeliveries().continueBatch(10, NOW)).isFalse();
  }
}
