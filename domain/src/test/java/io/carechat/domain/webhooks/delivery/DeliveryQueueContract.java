package io.carechat.domain.webhooks.delivery;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.strangersTo;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.newEndpoint;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.standing;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every {@link DeliveryQueue} does. */
public interface DeliveryQueueContract extends DeliveryContract {
  // --- claim

  @Test
  default void givesEverythingThatADeliveryNeeds() {
    NewDelivery planned = planned(newChat(), newEndpoint());

    ClaimedDelivery claimed = claimOne(NOW);

    assertThat(claimed)
        .isEqualTo(
            new ClaimedDelivery(
                planned.id(),
                planned.endpointId(),
                planned.event(),
                planned.patientUrl(),
                1,
                claimed.claim()));
  }

  @Test
  default void givesNothingTwice() {
    planned(newChat(), newEndpoint());
    planned(newChat(), newEndpoint());

    assertThat(claim(NOW)).hasSize(2);
    assertThat(claim(NOW)).isEmpty();
  }

  @Test
  default void givesThoseThatHaveBeenDueLongestFirstUpToTheLimit() {
    NewDelivery third = delivery(newChat(), newEndpoint());
    plan(NOW.minusSeconds(10), third);
    NewDelivery first = delivery(newChat(), newEndpoint());
    plan(NOW.minusSeconds(30), first);
    NewDelivery second = delivery(newChat(), newEndpoint());
    plan(NOW.minusSeconds(20), second);

    assertThat(ports().queue().claim(2, NOW, LEASE, NO_LIMITS))
        .extracting(ClaimedDelivery::id)
        .containsExactly(first.id(), second.id());
    assertThat(ports().queue().claim(2, NOW, LEASE, NO_LIMITS))
        .extracting(ClaimedDelivery::id)
        .containsExactly(third.id());
  }

  @Test
  default void givesTheFirstOfEachLaneAndLanesDoNotWaitForEachOther() {
    ChatId chat = newChat();
    ChatId other = newChat();
    EndpointId endpoint = newEndpoint();
    EndpointId otherEndpoint = newEndpoint();
    Message one = Samples.stored(log(), chat, "one");
    Message two = Samples.stored(log(), chat, "two");
    NewDelivery first = delivery(one, endpoint);
    NewDelivery toOtherEndpoint = delivery(one, otherEndpoint);
    NewDelivery second = delivery(two, endpoint);
    NewDelivery ofOtherChat = delivery(other, endpoint);
    plan(first, toOtherEndpoint, second, ofOtherChat);

    assertThat(claimIds(NOW))
        .containsExactlyInAnyOrder(first.id(), toOtherEndpoint.id(), ofOtherChat.id());
    assertThat(claim(NOW)).isEmpty();
  }

  @Test
  default void treatsEndpointsOfTheSameIdInOtherInstancesAsOthers() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery own = planned(chat, endpoint);
    List<NewDelivery> others =
        strangersTo(chat).stream().map(stranger -> planned(stranger, endpoint)).toList();

    var all = new ArrayList<>(others.stream().map(NewDelivery::id).toList());
    all.add(own.id());
    assertThat(claimIds(NOW)).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  default void holdsALaneUntilTheLeaseIsOverAndThenGivesTheSameAttemptAgain() {
    planned(newChat(), newEndpoint());
    ClaimedDelivery first =
        ports().queue().claim(1, NOW, Duration.ofSeconds(10), NO_LIMITS).getFirst();

    assertThat(claim(NOW.plusMillis(9_999))).isEmpty();
    ClaimedDelivery again = claimOne(NOW.plusMillis(10_001));

    assertThat(again.claim()).isNotEqualTo(first.claim());
    assertThat(again)
        .isEqualTo(
            new ClaimedDelivery(
                first.id(),
                first.endpointId(),
                first.event(),
                first.patientUrl(),
                first.attempt(),
                again.claim()));
  }

  @Test
  default void givesEachDeliveryOnceInTheOrderOfItsLaneToManyClaimants() throws Exception {
    int lanes = 30;
    int each = 4;
    EndpointId endpoint = newEndpoint();
    var deliveries = new ArrayList<NewDelivery>();
    for (int lane = 0; lane < lanes; lane++) {
      ChatId chat = newChat();
      for (int i = 0; i < each; i++) {
        deliveries.add(delivery(chat, endpoint));
      }
    }
    plan(deliveries.toArray(NewDelivery[]::new));
    Map<ChatId, List<Message>> delivered = new ConcurrentHashMap<>();
    Map<ChatId, Boolean> underWay = new ConcurrentHashMap<>();
    var count = new AtomicInteger();
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();

    MessageLogContract.atOnce(
        8,
        () -> {
          while (count.get() < lanes * each && System.nanoTime() < deadline) {
            for (ClaimedDelivery claimed : ports().queue().claim(7, NOW, LEASE, NO_LIMITS)) {
              ChatId chat = claimed.message().chat();
              assertThat(underWay.put(chat, true)).as("already claimed").isNull();
              delivered.computeIfAbsent(chat, key -> new ArrayList<>()).add(claimed.message());
              underWay.remove(chat);
              assertThat(settle(claimed, new DeliveryOutcome.Delivered(), NOW)).isTrue();
              count.incrementAndGet();
            }
          }
          return true;
        });

    Map<ChatId, List<Message>> expected = new ConcurrentHashMap<>();
    for (NewDelivery delivery : deliveries) {
      expected
          .computeIfAbsent(delivery.message().chat(), key -> new ArrayList<>())
          .add(delivery.message());
    }
    assertThat(delivered).isEqualTo(expected);
  }

  @Test
  default void neverGivesOneLaneToTwoClaimants() throws Exception {
    for (int round = 0; round < 10; round++) {
      NewDelivery only = planned(newChat(), newEndpoint());

      List<List<ClaimedDelivery>> claims =
          MessageLogContract.atOnce(8, () -> ports().queue().claim(5, NOW, LEASE, NO_LIMITS));

      assertThat(claims.stream().flatMap(List::stream))
          .extracting(ClaimedDelivery::id)
          .containsExactly(only.id());
    }
  }

  // --- claim with limits

  private ClaimLimits limits(int lanes, ClaimLimits.OfEndpoint... exceptions) {
    return new ClaimLimits(lanes, Duration.ofSeconds(1), List.of(exceptions));
  }

  private ClaimLimits.OfEndpoint exception(NewDelivery of, int lanes) {
    return new ClaimLimits.OfEndpoint(
        of.message().chat().instance(), of.endpointId(), lanes, Duration.ofSeconds(30));
  }

  private List<EndpointId> claimed(int limit, ClaimLimits limits) {
    return ports().queue().claim(limit, NOW, LEASE, limits).stream()
        .map(ClaimedDelivery::endpointId)
        .toList();
  }

  @Test
  default void takesNoMoreLanesOfAnEndpointThanItsLimit() {
    NewDelivery crowded = planned(newChat(), newEndpoint());
    for (int i = 0; i < 4; i++) {
      planned(newChat(), crowded.endpointId());
    }
    NewDelivery other = planned(newChat(), newEndpoint());

    assertThat(claimed(10, limits(2)))
        .containsExactlyInAnyOrder(crowded.endpointId(), crowded.endpointId(), other.endpointId());
    assertThat(claimed(10, limits(2))).containsOnly(crowded.endpointId()).hasSize(2);
    assertThat(claimed(10, limits(2))).hasSize(1);
  }

  @Test
  default void usesTheLimitOfAnEndpointThatHasItsOwn() {
    NewDelivery none = planned(newChat(), newEndpoint());
    NewDelivery one = planned(newChat(), newEndpoint());
    planned(newChat(), one.endpointId());
    NewDelivery all = planned(newChat(), newEndpoint());
    planned(newChat(), all.endpointId());
    NewDelivery ofSameName = planned(Samples.chatIn(Samples.OTHER_TENANT), none.endpointId());

    List<ClaimedDelivery> claimed =
        ports().queue().claim(10, NOW, LEASE, limits(9, exception(none, 0), exception(one, 1)));

    assertThat(claimed)
        .extracting(ClaimedDelivery::endpointId)
        .containsExactlyInAnyOrder(
            one.endpointId(), all.endpointId(), all.endpointId(), none.endpointId());
    assertThat(claimed)
        .extracting(ClaimedDelivery::id)
        .contains(ofSameName.id())
        .doesNotContain(none.id());
  }

  @Test
  default void lanesOverALimitHoldUpNoOtherEndpointAndLoseNoAttempt() {
    NewDelivery first = delivery(newChat(), newEndpoint());
    var backlog = new ArrayList<NewDelivery>(List.of(first));
    for (int i = 0; i < 600; i++) {
      backlog.add(delivery(newChat(), first.endpointId()));
    }
    plan(NOW.minusSeconds(5), backlog.toArray(NewDelivery[]::new));
    NewDelivery healthy = planned(newChat(), newEndpoint());

    List<ClaimedDelivery> given =
        ports().queue().claim(10, NOW, LEASE, limits(9, exception(first, 0)));
    assertThat(given).extracting(ClaimedDelivery::id).containsExactly(healthy.id());
    assertThat(settle(given.getFirst(), new DeliveryOutcome.Delivered(), NOW)).isTrue();

    List<ClaimedDelivery> later = claim(NOW.plusSeconds(60));
    assertThat(later)
        .extracting(ClaimedDelivery::id)
        .containsExactlyInAnyOrderElementsOf(backlog.stream().map(NewDelivery::id).toList());
    assertThat(later).extracting(ClaimedDelivery::attempt).containsOnly(1);
  }

  // --- settle

  @Test
  default void recordsASuccessAndReleasesTheNextDeliveryOfTheLane() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    NewDelivery second = planned(chat, first.endpointId());

    assertThat(settle(claimOne(NOW), new DeliveryOutcome.Delivered(), NOW)).isTrue();

    assertThat(standings(chat, first.endpointId()))
        .containsExactly(
            standing(first, DeliveryState.DELIVERED, 1),
            standing(second, DeliveryState.PENDING, 0));
    assertThat(claimIds(NOW)).containsExactly(second.id());
  }

  @Test
  default void holdsOnlyItsOwnLaneUntilTheRetry() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    planned(chat, first.endpointId());
    ClaimedDelivery claimed = claimOne(NOW);
    NewDelivery other = planned(newChat(), first.endpointId());
    Instant retry = NOW.plusSeconds(5);

    assertThat(settle(claimed, new DeliveryOutcome.RetryAt(retry), NOW)).isTrue();

    assertThat(standings(chat, first.endpointId()))
        .contains(standing(first, DeliveryState.PENDING, 1));
    assertThat(claimIds(retry.minusMillis(1))).containsExactly(other.id());
    ClaimedDelivery again = claimOne(retry);
    assertThat(again)
        .isEqualTo(
            new ClaimedDelivery(
                claimed.id(),
                claimed.endpointId(),
                claimed.event(),
                claimed.patientUrl(),
                2,
                again.claim()));
    assertThat(settle(again, new DeliveryOutcome.Delivered(), retry)).isTrue();
    assertThat(standings(chat, first.endpointId()))
        .contains(standing(first, DeliveryState.DELIVERED, 2));
  }

  @Test
  default void givesUpADeliveryAndFreesItsLane() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    NewDelivery second = planned(chat, first.endpointId());

    assertThat(settle(claimOne(NOW), new DeliveryOutcome.GaveUp(), NOW)).isTrue();

    assertThat(standings(chat, first.endpointId()))
        .containsExactly(
            standing(first, DeliveryState.DEAD, 1), standing(second, DeliveryState.PENDING, 0));
    assertThat(claimIds(NOW)).containsExactly(second.id());
  }

  @Test
  default void refusesAClaimThatSomebodyElseTookOver() {
    ChatId chat = newChat();
    NewDelivery planned = planned(chat, newEndpoint());
    ClaimedDelivery stale =
        ports().queue().claim(1, NOW, Duration.ofSeconds(10), NO_LIMITS).getFirst();
    Instant later = NOW.plusSeconds(11);
    ClaimedDelivery current = claimOne(later);

    for (DeliveryOutcome outcome :
        List.of(
            new DeliveryOutcome.Delivered(),
            new DeliveryOutcome.RetryAt(later),
            new DeliveryOutcome.GaveUp(),
            new DeliveryOutcome.EndpointGone())) {
      assertThat(settle(stale, outcome, later)).isFalse();
    }

    assertThat(standings(chat, planned.endpointId()))
        .containsExactly(standing(planned, DeliveryState.PENDING, 0));
    assertThat(DeliveryContract.disabled(ports().states(), chat.instance()))
        .doesNotContain(planned.endpointId());
    assertThat(claim(later)).isEmpty();
    assertThat(settle(current, new DeliveryOutcome.Delivered(), later)).isTrue();
    assertThat(standings(chat, planned.endpointId()))
        .containsExactly(standing(planned, DeliveryState.DELIVERED, 1));
  }

  @Test
  default void acceptsALateClaimThatNobodyTookOver() {
    ChatId chat = newChat();
    NewDelivery planned = planned(chat, newEndpoint());
    ClaimedDelivery late =
        ports().queue().claim(1, NOW, Duration.ofSeconds(10), NO_LIMITS).getFirst();

    assertThat(settle(late, new DeliveryOutcome.Delivered(), NOW.plusSeconds(11))).isTrue();

    assertThat(standings(chat, planned.endpointId()))
        .containsExactly(standing(planned, DeliveryState.DELIVERED, 1));
    assertThat(claim(NOW.plusSeconds(11))).isEmpty();
  }

  @Test
  default void refusesToSettleTwice() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    NewDelivery second = planned(chat, first.endpointId());
    ClaimedDelivery claimed = claimOne(NOW);
    settle(claimed, new DeliveryOutcome.Delivered(), NOW);

    assertThat(settle(claimed, new DeliveryOutcome.GaveUp(), NOW)).isFalse();
    ClaimedDelivery next = claimOne(NOW);
    assertThat(settle(claimed, new DeliveryOutcome.GaveUp(), NOW)).isFalse();

    assertThat(standings(chat, first.endpointId()))
        .containsExactly(
            standing(first, DeliveryState.DELIVERED, 1),
            standing(second, DeliveryState.PENDING, 0));
    assertThat(settle(next, new DeliveryOutcome.Delivered(), NOW)).isTrue();
  }

  @Test
  default void recordsOnceIfManySettleTheSameClaim() throws Exception {
    ChatId chat = newChat();
    NewDelivery planned = planned(chat, newEndpoint());
    ClaimedDelivery claimed = claimOne(NOW);

    List<Boolean> settled =
        MessageLogContract.atOnce(
            8, () -> settle(claimed, new DeliveryOutcome.RetryAt(NOW.plusSeconds(5)), NOW));

    assertThat(settled).containsOnlyOnce(true);
    assertThat(standings(chat, planned.endpointId()))
        .containsExactly(standing(planned, DeliveryState.PENDING, 1));
  }

  @Test
  default void changesNothingIfAnyPartDiffersFromTheClaim() {
    ChatId chat = newChat();
    NewDelivery planned = planned(chat, newEndpoint());
    ClaimedDelivery claimed = claimOne(NOW);
    var forged = new ArrayList<ClaimedDelivery>();
    for (ChatId stranger : strangersTo(chat)) {
      Message elsewhere =
          new Message(
              stranger,
              claimed.message().externalId(),
              claimed.message().sender(),
              claimed.message().text(),
              claimed.message().createdAt());
      forged.add(forge(claimed.id(), claimed.endpointId(), elsewhere, claimed.claim()));
    }
    Message message = claimed.message();
    forged.add(forge(claimed.id(), newEndpoint(), message, claimed.claim()));
    forged.add(forge(claimed.id(), claimed.endpointId(), message, Samples.newUuid()));
    forged.add(
        forge(new DeliveryId(Samples.newUuid()), claimed.endpointId(), message, claimed.claim()));

    for (ClaimedDelivery delivery : forged) {
      for (DeliveryOutcome outcome :
          List.of(
              new DeliveryOutcome.Delivered(),
              new DeliveryOutcome.RetryAt(NOW),
              new DeliveryOutcome.GaveUp(),
              new DeliveryOutcome.EndpointGone())) {
        assertThat(settle(delivery, outcome, NOW)).isFalse();
      }
      assertThat(DeliveryContract.disabled(ports().states(), delivery.message().chat().instance()))
          .doesNotContain(delivery.endpointId());
      assertThat(
              standings(delivery.message().chat(), delivery.endpointId()).stream()
                  .filter(standing -> !standing.id().equals(planned.id())))
          .isEmpty();
    }

    assertThat(standings(chat, planned.endpointId()))
        .containsExactly(standing(planned, DeliveryState.PENDING, 0));
    assertThat(claim(NOW)).isEmpty();
    assertThat(settle(claimed, new DeliveryOutcome.Delivered(), NOW)).isTrue();
  }

  private ClaimedDelivery forge(DeliveryId id, EndpointId endpointId, Message message, UUID claim) {
    return new ClaimedDelivery(
        id,
        endpointId,
        new ChatEvent.MessageSent(message),
        URI.create("https://chat.example/forged"),
        1,
        claim);
  }

  // --- settleAndClaimNext

  private Optional<ClaimedDelivery> settleAndClaimNext(ClaimedDelivery delivered, Instant now) {
    return ports()
        .queue()
        .settleAndClaimNext(
            delivered,
            new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(12)),
            now,
            LEASE);
  }

  private List<DeliveryState> states(ChatId chat, EndpointId endpointId) {
    return standings(chat, endpointId).stream().map(Standing::state).toList();
  }

  @Test
  default void givesTheNextDeliveryOfTheLaneAsAClaimWould() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    NewDelivery second = planned(chat, first.endpointId());
    NewDelivery third = planned(chat, first.endpointId());
    ClaimedDelivery claimed = claimOne(NOW);

    ClaimedDelivery next = settleAndClaimNext(claimed, NOW).orElseThrow();

    assertThat(next.claim()).isNotEqualTo(claimed.claim());
    assertThat(next)
        .isEqualTo(
            new ClaimedDelivery(
                second.id(),
                second.endpointId(),
                second.event(),
                second.patientUrl(),
                1,
                next.claim()));
    assertThat(states(chat, first.endpointId()))
        .containsExactly(DeliveryState.DELIVERED, DeliveryState.PENDING, DeliveryState.PENDING);
    assertThat(settleAndClaimNext(next, NOW)).map(ClaimedDelivery::id).hasValue(third.id());
  }

  @Test
  default void keepsTheLaneUntilTheLeaseIsOver() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    NewDelivery second = planned(chat, first.endpointId());
    Instant later = NOW.plusSeconds(1);
    ClaimedDelivery next = settleAndClaimNext(claimOne(NOW), later).orElseThrow();

    assertThat(claim(later.plus(LEASE).minusMillis(1))).isEmpty();
    assertThat(claimIds(later.plus(LEASE))).containsExactly(second.id());
    assertThat(settleAndClaimNext(next, later.plus(LEASE))).as("it was taken over").isEmpty();
    assertThat(states(chat, first.endpointId()))
        .containsExactly(DeliveryState.DELIVERED, DeliveryState.PENDING);
  }

  @Test
  default void releasesALaneInWhichNothingWaits() {
    ChatId chat = newChat();
    NewDelivery only = planned(chat, newEndpoint());
    assertThat(settleAndClaimNext(claimOne(NOW), NOW)).isEmpty();
    assertThat(states(chat, only.endpointId())).containsExactly(DeliveryState.DELIVERED);

    NewDelivery another = planned(chat, only.endpointId());
    assertThat(claimIds(NOW)).containsExactly(another.id());
  }

  @Test
  default void givesNothingThatIsNotDueYet() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    assertThat(settle(claimOne(NOW), new DeliveryOutcome.GaveUp(), NOW)).isTrue();
    NewDelivery second = planned(chat, first.endpointId());
    Instant retry = NOW.plusSeconds(60);
    assertThat(settle(claimOne(NOW), new DeliveryOutcome.RetryAt(retry), NOW)).isTrue();
    // The first delivery is made again before the second, which waits for its retry.
    assertThat(
            ports().redeliveries().redeliver(chat.instance(), first.endpointId(), first.id(), NOW))
        .isEqualTo(new Redeliveries.Outcome.Due());
    ClaimedDelivery again = claimOne(NOW);
    assertThat(again.id()).isEqualTo(first.id());

    assertThat(settleAndClaimNext(again, NOW)).isEmpty();
    assertThat(claim(retry.minusMillis(1))).isEmpty();
    assertThat(claimIds(retry)).containsExactly(second.id());
  }

  @Test
  default void claimsNothingMoreForAnEndpointThatWasDisabledMeanwhile() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    NewDelivery second = planned(chat, first.endpointId());
    ClaimedDelivery claimed = claimOne(NOW);
    disabledByPartner(chat.instance(), first.endpointId());

    assertThat(settleAndClaimNext(claimed, NOW)).isEmpty();
    assertThat(states(chat, first.endpointId()))
        .containsExactly(DeliveryState.DELIVERED, DeliveryState.PENDING);
    assertThat(claim(NOW.plusSeconds(1))).isEmpty();
    ports().states().enable(chat.instance(), first.endpointId());
    assertThat(claimIds(NOW.plusSeconds(1))).containsExactly(second.id());
  }

  @Test
  default void recordsNothingForAClaimThatWasSettled() {
    ChatId chat = newChat();
    NewDelivery first = planned(chat, newEndpoint());
    planned(chat, first.endpointId());
    ClaimedDelivery claimed = claimOne(NOW);
    ClaimedDelivery next = settleAndClaimNext(claimed, NOW).orElseThrow();

    assertThat(settleAndClaimNext(claimed, NOW)).isEmpty();
    assertThat(claim(NOW)).as("the lane is still claimed").isEmpty();
    assertThat(settleAndClaimNext(next, NOW)).isEmpty();
    assertThat(states(chat, first.endpointId())).containsOnly(DeliveryState.DELIVERED);
  }
}
