package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.CachedWebhookEndpoints;
import io.carechat.domain.webhooks.InMemoryWebhookRegistry;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class WebhookDispatcherTest extends DeliveryFixture {
  @Test
  void deliversEveryMessageToEveryEndpointOfItsInstanceInOrder() {
    configure(Samples.THIS_INSTANCE, CRM);
    configure(Samples.THIS_INSTANCE, ARCHIVE);
    configure(Samples.OTHER_TENANT, CRM);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");

    run();

    for (EndpointId endpoint : List.of(CRM, ARCHIVE)) {
      assertThat(calls.stream().filter(call -> call.endpointId().equals(endpoint)).map(Call::text))
          .containsExactly("one", "two");
      assertThat(states(chat, endpoint))
          .containsExactly(DeliveryState.DELIVERED, DeliveryState.DELIVERED);
    }
    assertThat(calls).hasSize(4).extracting(Call::id).doesNotHaveDuplicates();
    assertThat(calls)
        .extracting(Call::patientUrl)
        .containsOnly(URI.create("https://chat.example/" + chat));
  }

  @Test
  void keepsTheOrderOfAChatWhenItsReceiverFailsAndRecovers() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    receiver = call -> status(500);
    send(chat, "one");
    send(chat, "two");
    run();
    clock.move(Duration.ofSeconds(6));
    send(chat, "three");
    run();
    assertThat(texts()).containsExactly("one", "one");

    receiver = call -> status(200);
    clock.move(Duration.ofSeconds(200));
    run();
    assertThat(texts()).as("before the retry is due").hasSize(2);
    clock.move(Duration.ofSeconds(200));
    run();

    assertThat(texts()).containsExactly("one", "one", "one", "two", "three");
    assertThat(calls.subList(0, 3)).extracting(Call::id).containsOnly(calls.getFirst().id());
    assertThat(deliveries(chat, CRM)).extracting(Delivery::attempts).containsExactly(3, 1, 1);
  }

  @Test
  void holdsUpNoOtherChatAndNoOtherEndpoint() {
    configure(Samples.THIS_INSTANCE, CRM);
    configure(Samples.THIS_INSTANCE, ARCHIVE);
    ChatId bad = Samples.newChat();
    ChatId good = Samples.newChat();
    receiver =
        call ->
            call.endpointId().equals(CRM) && call.message().chat().equals(bad)
                ? new WebhookAnswer.Failed("connect timed out", TOOK)
                : status(204);
    send(bad, "bad 1");
    send(good, "good 1");
    send(bad, "bad 2");
    send(good, "good 2");

    run();

    assertThat(calls.stream().filter(call -> call.endpointId().equals(CRM)).map(Call::text))
        .containsExactlyInAnyOrder("bad 1", "good 1", "good 2")
        .containsSubsequence("good 1", "good 2");
    assertThat(calls.stream().filter(call -> call.endpointId().equals(ARCHIVE)).map(Call::text))
        .containsExactlyInAnyOrder("bad 1", "good 1", "bad 2", "good 2")
        .containsSubsequence("bad 1", "bad 2");
  }

  @Test
  void deliversAgainWithTheSameIdAfterACrashBetweenCallAndSettling() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    planner.plan();
    WebhookDispatcher crashing = dispatcher(new CrashingQueue());
    ClaimedDelivery claimed = crashing.claim(1).getFirst();

    assertThatThrownBy(() -> crashing.deliver(claimed)).isInstanceOf(Unavailable.class);
    run();
    assertThat(texts()).as("before the lease is over").containsExactly("one");
    clock.move(WebhookDispatcher.LEASE.plusMillis(1));
    run();

    assertThat(texts()).containsExactly("one", "one", "two");
    assertThat(calls.get(1)).isEqualTo(calls.get(0));
  }

  /** A queue that becomes unavailable before the call is over. */
  private final class CrashingQueue implements DeliveryQueue {
    @Override
    public List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimLimits limits) {
      return store.claim(limit, now, lease, limits);
    }

    @Override
    public boolean settle(
        ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now) {
      throw new Unavailable("The queue is unavailable.", Duration.ofSeconds(1));
    }

    @Override
    public Optional<ClaimedDelivery> settleAndClaimNext(
        ClaimedDelivery delivered, WebhookAnswer answer, Instant now, Duration lease) {
      throw new Unavailable("The queue is unavailable.", Duration.ofSeconds(1));
    }
  }

  @Test
  void continuesWithALaneForAShortTimeAndThenReleasesIt() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    for (int i = 0; i < 4; i++) {
      send(chat, "text " + i);
    }
    planner.plan();
    receiver =
        call -> {
          clock.move(Duration.ofMillis(100));
          return status(200);
        };

    dispatcher.claim(10).forEach(dispatcher::deliver);
    assertThat(texts()).containsExactly("text 0", "text 1", "text 2");

    dispatcher.claim(10).forEach(dispatcher::deliver);
    assertThat(texts()).containsExactly("text 0", "text 1", "text 2", "text 3");
    assertThat(dispatcher.claim(10)).isEmpty();
  }

  @Test
  void doesNotContinueALaneWhoseDeliveryFailed() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    send(chat, "three");
    planner.plan();
    receiver = call -> status(call.text().equals("two") ? 500 : 200);

    dispatcher.claim(10).forEach(dispatcher::deliver);

    assertThat(texts()).containsExactly("one", "two");
    assertThat(states(chat, CRM))
        .containsExactly(DeliveryState.DELIVERED, DeliveryState.PENDING, DeliveryState.PENDING);
  }

  @Test
  void leavesTheResultToWhoeverTookOverTheClaim() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    planner.plan();
    ClaimedDelivery slow = dispatcher.claim(1).getFirst();
    clock.move(WebhookDispatcher.LEASE.plusMillis(1));
    ClaimedDelivery faster = dispatcher.claim(1).getFirst();
    receiver = call -> status(410);

    dispatcher.deliver(slow);

    assertThat(DeliveryContract.disabled(store, Samples.THIS_INSTANCE)).isEmpty();
    receiver = call -> status(200);
    dispatcher.deliver(faster);
    assertThat(states(chat, CRM)).containsExactly(DeliveryState.DELIVERED);
  }

  @Test
  void givesUpAfterTheLastAttemptAndGoesOnWithTheNext() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    receiver = call -> call.text().equals("one") ? status(500) : status(204);
    send(chat, "one");
    send(chat, "two");

    for (int i = 0; i < 12; i++) {
      run();
      clock.move(Duration.ofHours(30));
    }

    assertThat(texts()).hasSize(11).endsWith("one", "two");
    assertThat(states(chat, CRM)).containsExactly(DeliveryState.DEAD, DeliveryState.DELIVERED);
    assertThat(deliveries(chat, CRM).getFirst().attempts()).isEqualTo(10);
  }

  @Test
  void stopsCallingAnEndpointThatIsGoneAndKeepsItsDeliveries() {
    configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    receiver = call -> status(410);
    send(chat, "one");
    run();
    send(chat, "two");
    clock.move(Duration.ofDays(1));
    run();
    assertThat(texts()).containsExactly("one");

    receiver = call -> status(200);
    assertThat(store.enable(Samples.THIS_INSTANCE, CRM)).isTrue();
    run();

    assertThat(texts()).containsExactly("one", "one", "two");
  }

  @Test
  void givesUpDeliveriesToADeletedEndpointWithoutACall() {
    WebhookEndpoint removed = configure(Samples.THIS_INSTANCE, MADE_BY_API);
    configure(Samples.OTHER_TENANT, MADE_BY_API);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    planner.plan();
    configured.remove(removed);

    run();

    assertThat(calls).isEmpty();
    assertThat(states(chat, MADE_BY_API)).containsExactly(DeliveryState.DEAD, DeliveryState.DEAD);
  }

  @Test
  void retriesDeliveriesToAnEndpointThatOnlyOtherNodesHaveConfigured() {
    WebhookEndpoint elsewhere = configure(Samples.THIS_INSTANCE, CRM);
    ChatId chat = Samples.newChat();
    send(chat, "one");
    send(chat, "two");
    planner.plan();
    configured.remove(elsewhere);
    run();
    assertThat(calls).isEmpty();

    configured.add(elsewhere);
    clock.move(Duration.ofSeconds(6));
    run();

    assertThat(texts()).containsExactly("one", "two");
  }

  @Test
  void callsAnEndpointThatAnotherNodeHasJustMade() {
    var registry = new InMemoryWebhookRegistry();
    var nodes = new ArrayList<CachedWebhookEndpoints>();
    for (int i = 0; i < 2; i++) {
      var known = new CachedWebhookEndpoints(List.of(), registry, () -> 0);
      assertThat(known.of(Samples.THIS_INSTANCE)).isEmpty();
      nodes.add(known);
    }
    WebhookEndpoint like =
        WebhookRegistryContract.endpoint(Samples.THIS_INSTANCE, MADE_BY_API, Samples.NOON);
    var made = new WebhookEndpoint.Origin.Api(LogPosition.START, 1, Samples.NOON, Samples.NOON);
    registry.add(
        new WebhookEndpoint(like.instance(), like.id(), like.subscription(), like.secrets(), made),
        true,
        100);
    send(Samples.newChat(), "one");

    assertThat(planner(log, nodes.getFirst()).plan()).isOne();
    WebhookDispatcher other = dispatcher(store, nodes.getLast());
    other.claim(10).forEach(other::deliver);

    assertThat(texts()).containsExactly("one");
  }

  @Test
  void callsAFailingEndpointOneAtATimeWithoutLosingAttempts() {
    configure(Samples.THIS_INSTANCE, CRM);
    configure(Samples.THIS_INSTANCE, ARCHIVE);
    receiver = call -> call.endpointId().equals(CRM) ? status(500) : status(204);
    List<ChatId> chats = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      ChatId chat = Samples.newChat();
      chats.add(chat);
      send(chat, "text");
    }
    run();

    assertThat(callsOf(ARCHIVE)).isEqualTo(40);
    long first = callsOf(CRM);
    assertThat(first).isBetween(10L, 15L);
    clock.move(EndpointConcurrency.FIRST_PROBE);
    run();
    assertThat(callsOf(CRM)).as("a probe").isEqualTo(first + 1);

    receiver = call -> status(204);
    clock.move(Duration.ofMinutes(10));
    run();

    for (ChatId chat : chats) {
      assertThat(states(chat, ARCHIVE)).containsExactly(DeliveryState.DELIVERED);
      assertThat(states(chat, CRM)).containsExactly(DeliveryState.DELIVERED);
    }
    assertThat(callsOf(CRM)).isEqualTo(first + 1 + 40);
  }

  private long callsOf(EndpointId endpoint) {
    return calls.stream().filter(call -> call.endpointId().equals(endpoint)).count();
  }

  @Test
  void holdsClaimsLongerThanACallCanTake() {
    assertThat(WebhookDispatcher.LEASE).isGreaterThan(Duration.ofSeconds(20));
  }
}
