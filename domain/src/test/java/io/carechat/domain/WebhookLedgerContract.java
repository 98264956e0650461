package io.carechat.domain;

import static io.carechat.domain.Samples.newChat;
import static io.carechat.domain.Samples.strangersTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link WebhookLedger} does. A test class implements each of the nested interfaces.
 *
 * <p>Other tests may have left deliveries and disabled endpoints in the ledger: each test begins by
 * giving up whatever is pending, and uses chats and endpoints of its own.
 */
public interface WebhookLedgerContract {
  /** When the tests take place. */
  Instant NOW = Samples.NOON;

  /** What a claim is given where the test is not about leases. */
  Duration LEASE = Duration.ofSeconds(60);

  /** The ids of the endpoints of an instance that are disabled. */
  static List<String> disabled(WebhookLedger ledger, TenantInstance place) {
    return ledger.health(place).entrySet().stream()
        .filter(entry -> entry.getValue().disabled() != null)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The ledger under test. */
  WebhookLedger ledger();

  /** Where the messages are that deliveries tell of. */
  MessageLog log();

  /** The events of that log. */
  EventLog events();

  /** The same events, of one instance. */
  InstanceEvents instanceEvents();

  /** The same ledger, as partners read it. */
  Deliveries deliveries();

  /** Ends what other tests have left pending, at a time when all their leases are over. */
  @BeforeEach
  default void leaveNothingPending() {
    Instant later = NOW.plus(Duration.ofDays(1_000));
    List<ClaimedDelivery> left = ledger().claim(1_000, later, LEASE);
    while (!left.isEmpty()) {
      for (ClaimedDelivery delivery : left) {
        assertThat(settle(delivery, new DeliveryOutcome.GaveUp(), later)).isTrue();
      }
      left = ledger().claim(1_000, later, LEASE);
    }
  }

  /** The id of an endpoint that no other test has. */
  static String newEndpoint() {
    return "e-" + UUID.randomUUID();
  }

  /** A delivery of a message that is newly stored. */
  default NewDelivery delivery(ChatId chat, String endpointId) {
    return delivery(Samples.stored(log(), chat, "text of " + UUID.randomUUID()), endpointId);
  }

  /** A delivery of a stored message. */
  default NewDelivery delivery(Message message, String endpointId) {
    return new NewDelivery(
        new DeliveryId(UUID.randomUUID()),
        endpointId,
        EventLogContract.positionOf(events(), message),
        new ChatEvent.MessageSent(message),
        URI.create("https://chat.example/" + message.chat()));
  }

  /** Records deliveries, given in the order of the log, as due at {@link #NOW}. */
  default void plan(NewDelivery... deliveries) {
    plan(NOW, deliveries);
  }

  /** Records deliveries, given in the order of the log. */
  default void plan(Instant due, NewDelivery... deliveries) {
    List<NewDelivery> list = List.of(deliveries);
    assertThat(ledger().plan(ledger().plannedUpTo(), list.getLast().position(), list, due))
        .isTrue();
  }

  /** Stores a message and plans its delivery, due at {@link #NOW}. */
  default NewDelivery planned(ChatId chat, String endpointId) {
    NewDelivery delivery = delivery(chat, endpointId);
    plan(delivery);
    return delivery;
  }

  /** Everything that is due. */
  default List<ClaimedDelivery> claim(Instant now) {
    return ledger().claim(1_000, now, LEASE);
  }

  /** The only delivery that is due. */
  default ClaimedDelivery claimOne(Instant now) {
    List<ClaimedDelivery> claimed = claim(now);
    assertThat(claimed).hasSize(1);
    return claimed.getFirst();
  }

  /** The ids of everything that is due, which is thereby claimed. */
  default List<DeliveryId> claimIds(Instant now) {
    return claim(now).stream().map(ClaimedDelivery::id).toList();
  }

  /** Settles with an answer that suits the outcome. */
  default boolean settle(ClaimedDelivery delivery, DeliveryOutcome outcome, Instant now) {
    Duration took = Duration.ofMillis(12);
    WebhookAnswer answer =
        switch (outcome) {
          case DeliveryOutcome.Delivered() -> new WebhookAnswer.Answered(204, null, "", took);
          case DeliveryOutcome.RetryAt(Instant time) ->
              new WebhookAnswer.Answered(
                  503, Duration.ofSeconds(7), "<p>Zoë & \u0001 🎉</p>", took);
          case DeliveryOutcome.GaveUp() -> new WebhookAnswer.Failed("connect timed out", took);
          case DeliveryOutcome.EndpointUnknown() ->
              new WebhookAnswer.Failed("The endpoint is no longer configured.", took);
          case DeliveryOutcome.EndpointGone() ->
              new WebhookAnswer.Answered(410, null, "x".repeat(1_000), took);
        };
    return ledger().settle(delivery, answer, outcome, now);
  }

  /** Disables an endpoint of a chat's instance, by a delivery that then waits for it. */
  default NewDelivery disable(ChatId chat, String endpointId) {
    NewDelivery refused = planned(chat, endpointId);
    assertThat(settle(claimOne(NOW), new DeliveryOutcome.EndpointGone(), NOW)).isTrue();
    return refused;
  }

  /** The ledger's line for a delivery. */
  static WebhookLedger.Entry entry(NewDelivery delivery, WebhookLedger.State state, int attempts) {
    return new WebhookLedger.Entry(
        delivery.id(), delivery.endpointId(), delivery.message().externalId(), state, attempts);
  }

  /** {@link WebhookLedger#plan} and {@link WebhookLedger#plannedUpTo}. */
  interface Plan extends WebhookLedgerContract {
    @Test
    default void recordsDeliveriesAndMovesTheCursor() {
      ChatId chat = newChat();
      NewDelivery first = delivery(chat, newEndpoint());
      NewDelivery second = delivery(chat, first.endpointId());

      plan(first, second);

      assertThat(ledger().plannedUpTo()).isEqualTo(second.position());
      assertThat(ledger().ofChat(chat))
          .containsExactly(
              entry(first, WebhookLedger.State.PENDING, 0),
              entry(second, WebhookLedger.State.PENDING, 0));
    }

    @Test
    default void movesTheCursorWhereNothingIsToBeDelivered() {
      LogPosition to = EventLogContract.positionOf(events(), message());

      assertThat(ledger().plan(ledger().plannedUpTo(), to, List.of(), NOW)).isTrue();

      assertThat(ledger().plannedUpTo()).isEqualTo(to);
      assertThat(claim(NOW)).isEmpty();
    }

    private Message message() {
      return Samples.stored(log(), newChat(), "to nobody");
    }

    @Test
    default void changesNothingIfTheCursorStandsElsewhere() {
      ChatId chat = newChat();
      LogPosition from = ledger().plannedUpTo();
      NewDelivery faster = planned(chat, newEndpoint());
      NewDelivery slower = delivery(faster.message(), faster.endpointId());
      NewDelivery later = delivery(chat, newEndpoint());

      assertThat(ledger().plan(from, later.position(), List.of(slower, later), NOW)).isFalse();

      assertThat(ledger().plannedUpTo()).isEqualTo(faster.position());
      assertThat(ledger().ofChat(chat))
          .containsExactly(entry(faster, WebhookLedger.State.PENDING, 0));
      assertThat(claimIds(NOW)).containsExactly(faster.id());
    }

    @Test
    default void movesNoCursorIfTheDeliveriesCannotBeRecorded() {
      ChatId chat = newChat();
      LogPosition from = ledger().plannedUpTo();
      NewDelivery good = delivery(chat, newEndpoint());
      NewDelivery bad = delivery(chat, good.endpointId());
      NewDelivery sameEvent = delivery(bad.message(), bad.endpointId());

      assertThatThrownBy(
              () -> ledger().plan(from, sameEvent.position(), List.of(good, bad, sameEvent), NOW))
          .isInstanceOf(RuntimeException.class);

      assertThat(ledger().plannedUpTo()).isEqualTo(from);
      assertThat(ledger().ofChat(chat)).isEmpty();
      assertThat(claim(NOW)).isEmpty();
    }

    @Test
    default void letsOneOfManyPlannersWin() throws Exception {
      for (int round = 0; round < 5; round++) {
        ChatId chat = newChat();
        String endpoint = newEndpoint();
        LogPosition from = ledger().plannedUpTo();
        Message message = Samples.stored(log(), chat, "once");
        LogPosition to = EventLogContract.positionOf(events(), message);

        List<Boolean> won =
            MessageLogContract.atOnce(
                8,
                () ->
                    ledger()
                        .plan(
                            from,
                            to,
                            List.of(
                                new NewDelivery(
                                    new DeliveryId(UUID.randomUUID()),
                                    endpoint,
                                    to,
                                    new ChatEvent.MessageSent(message),
                                    URI.create("https://chat.example/"))),
                            NOW));

        assertThat(won).containsOnlyOnce(true);
        assertThat(ledger().ofChat(chat)).hasSize(1);
        assertThat(ledger().plannedUpTo()).isEqualTo(to);
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
    default void opensAgainALaneThatHadNothingLeft() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      settle(claimOne(NOW), new DeliveryOutcome.Delivered(), NOW);

      NewDelivery second = planned(chat, first.endpointId());

      assertThat(claimIds(NOW)).containsExactly(second.id());
    }

    @Test
    default void losesNothingThatIsPlannedWhileTheLaneIsBeingSettled() throws Exception {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
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

  /** {@link WebhookLedger#claim}. */
  interface Claim extends WebhookLedgerContract {
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
    default void givesThoseDueLongestFirstUpToTheLimit() {
      NewDelivery third = delivery(newChat(), newEndpoint());
      plan(NOW.minusSeconds(10), third);
      NewDelivery first = delivery(newChat(), newEndpoint());
      plan(NOW.minusSeconds(30), first);
      NewDelivery second = delivery(newChat(), newEndpoint());
      plan(NOW.minusSeconds(20), second);

      assertThat(ledger().claim(2, NOW, LEASE))
          .extracting(ClaimedDelivery::id)
          .containsExactly(first.id(), second.id());
      assertThat(ledger().claim(2, NOW, LEASE))
          .extracting(ClaimedDelivery::id)
          .containsExactly(third.id());
    }

    @Test
    default void givesTheFirstOfEachLaneAndLanesDontWaitForEachOther() {
      ChatId chat = newChat();
      ChatId other = newChat();
      String endpoint = newEndpoint();
      String otherEndpoint = newEndpoint();
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
    default void treatsEndpointsOfOneNameInOtherInstancesAsOthers() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
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
      ClaimedDelivery first = ledger().claim(1, NOW, Duration.ofSeconds(10)).getFirst();

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
      String endpoint = newEndpoint();
      var deliveries = new ArrayList<NewDelivery>();
      for (int lane = 0; lane < lanes; lane++) {
        ChatId chat = newChat();
        for (int i = 0; i < each; i++) {
          deliveries.add(delivery(chat, endpoint));
        }
      }
      plan(deliveries.toArray(NewDelivery[]::new));
      Map<ChatId, List<Message>> delivered = new ConcurrentHashMap<>();
      Map<ChatId, Boolean> inHand = new ConcurrentHashMap<>();
      var count = new AtomicInteger();
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();

      MessageLogContract.atOnce(
          8,
          () -> {
            while (count.get() < lanes * each && System.nanoTime() < deadline) {
              for (ClaimedDelivery claimed : ledger().claim(7, NOW, LEASE)) {
                ChatId chat = claimed.message().chat();
                assertThat(inHand.put(chat, true)).as("somebody else's").isNull();
                delivered.computeIfAbsent(chat, key -> new ArrayList<>()).add(claimed.message());
                inHand.remove(chat);
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
            MessageLogContract.atOnce(8, () -> ledger().claim(5, NOW, LEASE));

        assertThat(claims.stream().flatMap(List::stream))
            .extracting(ClaimedDelivery::id)
            .containsExactly(only.id());
      }
    }
  }

  /** {@link WebhookLedger#claim} where endpoints have only so much room. */
  interface ClaimWithRoom extends WebhookLedgerContract {
    private ClaimRoom room(int lanes, ClaimRoom.Special... specials) {
      return new ClaimRoom(lanes, Duration.ofSeconds(1), List.of(specials));
    }

    private ClaimRoom.Special special(NewDelivery of, int lanes) {
      return new ClaimRoom.Special(
          of.message().chat().place(), of.endpointId(), lanes, Duration.ofSeconds(30));
    }

    private List<String> claimed(int limit, ClaimRoom room) {
      return ledger().claim(limit, NOW, LEASE, room).stream()
          .map(ClaimedDelivery::endpointId)
          .toList();
    }

    @Test
    default void givesNoEndpointMoreThanItsRoom() {
      NewDelivery crowded = planned(newChat(), newEndpoint());
      for (int i = 0; i < 4; i++) {
        planned(newChat(), crowded.endpointId());
      }
      NewDelivery other = planned(newChat(), newEndpoint());

      assertThat(claimed(10, room(2)))
          .containsExactlyInAnyOrder(
              crowded.endpointId(), crowded.endpointId(), other.endpointId());
      assertThat(claimed(10, room(2))).containsOnly(crowded.endpointId()).hasSize(2);
      assertThat(claimed(10, room(2))).hasSize(1);
    }

    @Test
    default void givesAnEndpointTheRoomOfItsOwn() {
      NewDelivery none = planned(newChat(), newEndpoint());
      NewDelivery one = planned(newChat(), newEndpoint());
      planned(newChat(), one.endpointId());
      NewDelivery all = planned(newChat(), newEndpoint());
      planned(newChat(), all.endpointId());
      NewDelivery ofSameName = planned(Samples.chatIn(Samples.OTHER_TENANT), none.endpointId());

      List<ClaimedDelivery> claimed =
          ledger().claim(10, NOW, LEASE, room(9, special(none, 0), special(one, 1)));

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
    default void hidesNobodyBehindAnEndpointWithoutRoomAndCountsNoAttempt() {
      NewDelivery first = delivery(newChat(), newEndpoint());
      var backlog = new ArrayList<NewDelivery>(List.of(first));
      for (int i = 0; i < 600; i++) {
        backlog.add(delivery(newChat(), first.endpointId()));
      }
      plan(NOW.minusSeconds(5), backlog.toArray(NewDelivery[]::new));
      NewDelivery healthy = planned(newChat(), newEndpoint());

      List<ClaimedDelivery> given = ledger().claim(10, NOW, LEASE, room(9, special(first, 0)));
      assertThat(given).extracting(ClaimedDelivery::id).containsExactly(healthy.id());
      assertThat(settle(given.getFirst(), new DeliveryOutcome.Delivered(), NOW)).isTrue();

      List<ClaimedDelivery> later = claim(NOW.plusSeconds(60));
      assertThat(later)
          .extracting(ClaimedDelivery::id)
          .containsExactlyInAnyOrderElementsOf(backlog.stream().map(NewDelivery::id).toList());
      assertThat(later).extracting(ClaimedDelivery::attempt).containsOnly(1);
    }
  }

  /** {@link WebhookLedger#settle}. */
  interface Settle extends WebhookLedgerContract {
    @Test
    default void recordsADeliveryAndGivesTheNextOfTheLane() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      NewDelivery second = planned(chat, first.endpointId());

      assertThat(settle(claimOne(NOW), new DeliveryOutcome.Delivered(), NOW)).isTrue();

      assertThat(ledger().ofChat(chat))
          .containsExactly(
              entry(first, WebhookLedger.State.DELIVERED, 1),
              entry(second, WebhookLedger.State.PENDING, 0));
      assertThat(claimIds(NOW)).containsExactly(second.id());
    }

    @Test
    default void holdsTheLaneUntilTheRetryAndNoOther() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      planned(chat, first.endpointId());
      ClaimedDelivery claimed = claimOne(NOW);
      NewDelivery other = planned(newChat(), first.endpointId());
      Instant retry = NOW.plusSeconds(5);

      assertThat(settle(claimed, new DeliveryOutcome.RetryAt(retry), NOW)).isTrue();

      assertThat(ledger().ofChat(chat)).contains(entry(first, WebhookLedger.State.PENDING, 1));
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
      assertThat(ledger().ofChat(chat)).contains(entry(first, WebhookLedger.State.DELIVERED, 2));
    }

    @Test
    default void givesUpADeliveryAndFreesItsLane() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      NewDelivery second = planned(chat, first.endpointId());

      assertThat(settle(claimOne(NOW), new DeliveryOutcome.GaveUp(), NOW)).isTrue();

      assertThat(ledger().ofChat(chat))
          .containsExactly(
              entry(first, WebhookLedger.State.DEAD, 1),
              entry(second, WebhookLedger.State.PENDING, 0));
      assertThat(claimIds(NOW)).containsExactly(second.id());
    }

    @Test
    default void refusesAClaimThatSomebodyElseTookOver() {
      ChatId chat = newChat();
      NewDelivery planned = planned(chat, newEndpoint());
      ClaimedDelivery stale = ledger().claim(1, NOW, Duration.ofSeconds(10)).getFirst();
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

      assertThat(ledger().ofChat(chat))
          .containsExactly(entry(planned, WebhookLedger.State.PENDING, 0));
      assertThat(WebhookLedgerContract.disabled(ledger(), chat.place()))
          .doesNotContain(planned.endpointId());
      assertThat(claim(later)).isEmpty();
      assertThat(settle(current, new DeliveryOutcome.Delivered(), later)).isTrue();
      assertThat(ledger().ofChat(chat))
          .containsExactly(entry(planned, WebhookLedger.State.DELIVERED, 1));
    }

    @Test
    default void acceptsALateClaimThatNobodyTookOver() {
      ChatId chat = newChat();
      NewDelivery planned = planned(chat, newEndpoint());
      ClaimedDelivery late = ledger().claim(1, NOW, Duration.ofSeconds(10)).getFirst();

      assertThat(settle(late, new DeliveryOutcome.Delivered(), NOW.plusSeconds(11))).isTrue();

      assertThat(ledger().ofChat(chat))
          .containsExactly(entry(planned, WebhookLedger.State.DELIVERED, 1));
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

      assertThat(ledger().ofChat(chat))
          .containsExactly(
              entry(first, WebhookLedger.State.DELIVERED, 1),
              entry(second, WebhookLedger.State.PENDING, 0));
      assertThat(settle(next, new DeliveryOutcome.Delivered(), NOW)).isTrue();
    }

    @Test
    default void recordsOnceWhenManySettleTheSameClaim() throws Exception {
      ChatId chat = newChat();
      NewDelivery planned = planned(chat, newEndpoint());
      ClaimedDelivery claimed = claimOne(NOW);

      List<Boolean> settled =
          MessageLogContract.atOnce(
              8, () -> settle(claimed, new DeliveryOutcome.RetryAt(NOW.plusSeconds(5)), NOW));

      assertThat(settled).containsOnlyOnce(true);
      assertThat(ledger().ofChat(chat))
          .containsExactly(entry(planned, WebhookLedger.State.PENDING, 1));
    }

    @Test
    default void changesNothingForAnyPartThatIsNotTheClaims() {
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
      forged.add(forge(claimed.id(), claimed.endpointId(), message, UUID.randomUUID()));
      forged.add(
          forge(new DeliveryId(UUID.randomUUID()), claimed.endpointId(), message, claimed.claim()));

      for (ClaimedDelivery delivery : forged) {
        for (DeliveryOutcome outcome :
            List.of(
                new DeliveryOutcome.Delivered(),
                new DeliveryOutcome.RetryAt(NOW),
                new DeliveryOutcome.GaveUp(),
                new DeliveryOutcome.EndpointGone())) {
          assertThat(settle(delivery, outcome, NOW)).isFalse();
        }
        assertThat(WebhookLedgerContract.disabled(ledger(), delivery.message().chat().place()))
            .doesNotContain(delivery.endpointId());
      }

      assertThat(ledger().ofChat(chat))
          .containsExactly(entry(planned, WebhookLedger.State.PENDING, 0));
      assertThat(claim(NOW)).isEmpty();
      assertThat(settle(claimed, new DeliveryOutcome.Delivered(), NOW)).isTrue();
    }

    private static ClaimedDelivery forge(
        DeliveryId id, String endpointId, Message message, UUID claim) {
      return new ClaimedDelivery(
          id,
          endpointId,
          new ChatEvent.MessageSent(message),
          URI.create("https://chat.example/forged"),
          1,
          claim);
    }
  }

  /** {@link WebhookLedger#settleAndGoOn}. */
  interface SettleAndGoOn extends WebhookLedgerContract {
    private Optional<ClaimedDelivery> goOn(ClaimedDelivery delivered, Instant now) {
      return ledger()
          .settleAndGoOn(
              delivered,
              new WebhookAnswer.Answered(204, null, "", Duration.ofMillis(12)),
              now,
              LEASE);
    }

    private List<WebhookLedger.State> states(ChatId chat) {
      return ledger().ofChat(chat).stream().map(WebhookLedger.Entry::state).toList();
    }

    @Test
    default void givesWhatIsNextInTheLaneAsAClaimWould() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      NewDelivery second = planned(chat, first.endpointId());
      NewDelivery third = planned(chat, first.endpointId());
      ClaimedDelivery claimed = claimOne(NOW);

      ClaimedDelivery next = goOn(claimed, NOW).orElseThrow();

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
      assertThat(states(chat))
          .containsExactly(
              WebhookLedger.State.DELIVERED,
              WebhookLedger.State.PENDING,
              WebhookLedger.State.PENDING);
      assertThat(goOn(next, NOW)).map(ClaimedDelivery::id).hasValue(third.id());
    }

    @Test
    default void keepsTheLaneUntilTheLeaseIsOver() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      NewDelivery second = planned(chat, first.endpointId());
      Instant later = NOW.plusSeconds(1);
      ClaimedDelivery next = goOn(claimOne(NOW), later).orElseThrow();

      assertThat(claim(later.plus(LEASE).minusMillis(1))).isEmpty();
      assertThat(claimIds(later.plus(LEASE))).containsExactly(second.id());
      assertThat(goOn(next, later.plus(LEASE))).as("it was taken over").isEmpty();
      assertThat(states(chat))
          .containsExactly(WebhookLedger.State.DELIVERED, WebhookLedger.State.PENDING);
    }

    @Test
    default void freesALaneInWhichNothingWaits() {
      ChatId chat = newChat();
      NewDelivery only = planned(chat, newEndpoint());
      assertThat(goOn(claimOne(NOW), NOW)).isEmpty();
      assertThat(states(chat)).containsExactly(WebhookLedger.State.DELIVERED);

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
      // Made again, the first comes before the second, which waits for its retry.
      assertThat(ledger().redeliver(chat.place(), first.endpointId(), first.id(), NOW))
          .isEqualTo(new Redelivered.Due());
      ClaimedDelivery again = claimOne(NOW);
      assertThat(again.id()).isEqualTo(first.id());

      assertThat(goOn(again, NOW)).isEmpty();
      assertThat(claim(retry.minusMillis(1))).isEmpty();
      assertThat(claimIds(retry)).containsExactly(second.id());
    }

    @Test
    default void doesNotGoOnWithAnEndpointThatWasDisabledMeanwhile() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      NewDelivery second = planned(chat, first.endpointId());
      ClaimedDelivery claimed = claimOne(NOW);
      assertThat(ledger().disable(chat.place(), first.endpointId())).isTrue();

      assertThat(goOn(claimed, NOW)).isEmpty();
      assertThat(states(chat))
          .containsExactly(WebhookLedger.State.DELIVERED, WebhookLedger.State.PENDING);
      assertThat(claim(NOW.plusSeconds(1))).isEmpty();
      ledger().enable(chat.place(), first.endpointId());
      assertThat(claimIds(NOW.plusSeconds(1))).containsExactly(second.id());
    }

    @Test
    default void recordsNothingForAClaimThatWasSettled() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      planned(chat, first.endpointId());
      ClaimedDelivery claimed = claimOne(NOW);
      ClaimedDelivery next = goOn(claimed, NOW).orElseThrow();

      assertThat(goOn(claimed, NOW)).isEmpty();
      assertThat(claim(NOW)).as("the lane is still whose it was").isEmpty();
      assertThat(goOn(next, NOW)).isEmpty();
      assertThat(states(chat)).containsOnly(WebhookLedger.State.DELIVERED);
    }
  }

  /** {@link WebhookLedger#ofChat}. */
  interface OfChat extends WebhookLedgerContract {
    @Test
    default void tellsDeliveriesInTheOrderOfTheLogThenOfEndpoints() {
      ChatId chat = newChat();
      Message one = Samples.stored(log(), chat, "one");
      Message two = Samples.stored(log(), chat, "two");
      String suffix = newEndpoint();
      plan(
          delivery(one, "b-" + suffix),
          delivery(one, "a-" + suffix),
          delivery(two, "b-" + suffix),
          delivery(two, "a-" + suffix));

      assertThat(ledger().ofChat(chat))
          .extracting(WebhookLedger.Entry::message, WebhookLedger.Entry::endpointId)
          .containsExactly(
              tuple(one.externalId(), "a-" + suffix),
              tuple(one.externalId(), "b-" + suffix),
              tuple(two.externalId(), "a-" + suffix),
              tuple(two.externalId(), "b-" + suffix));
    }

    @Test
    default void tellsNothingOfAnotherTenantInstanceOrPatient() {
      ChatId chat = newChat();
      planned(chat, newEndpoint());

      for (ChatId stranger : strangersTo(chat)) {
        assertThat(ledger().ofChat(stranger)).isEmpty();
      }
    }
  }

  /** {@link WebhookLedger#health} and {@link WebhookLedger#enable}. */
  interface Disabling extends WebhookLedgerContract {
    @Test
    default void disablesAnEndpointThatIsGoneAndKeepsWhatWaitsForIt() {
      ChatId chat = newChat();
      ChatId other = newChat();
      String endpoint = newEndpoint();
      NewDelivery refused = disable(chat, endpoint);

      NewDelivery later = planned(chat, endpoint);
      NewDelivery ofOtherChat = planned(other, endpoint);

      assertThat(WebhookLedgerContract.disabled(ledger(), chat.place())).contains(endpoint);
      assertThat(claim(NOW.plus(Duration.ofDays(10)))).isEmpty();
      assertThat(ledger().ofChat(chat))
          .containsExactly(
              entry(refused, WebhookLedger.State.PENDING, 1),
              entry(later, WebhookLedger.State.PENDING, 0));
      assertThat(ledger().ofChat(other))
          .containsExactly(entry(ofOtherChat, WebhookLedger.State.PENDING, 0));
    }

    @Test
    default void disablesNoOtherEndpointAndNoneOfTheSameNameElsewhere() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
      disable(chat, endpoint);
      ChatId inOtherInstance = Samples.chatIn(Samples.OTHER_INSTANCE);
      ChatId inOtherTenant = Samples.chatIn(Samples.OTHER_TENANT);

      NewDelivery toAnother = planned(chat, newEndpoint());
      NewDelivery ofOtherInstance = planned(inOtherInstance, endpoint);
      NewDelivery ofOtherTenant = planned(inOtherTenant, endpoint);

      assertThat(claimIds(NOW))
          .containsExactlyInAnyOrder(toAnother.id(), ofOtherInstance.id(), ofOtherTenant.id());
      assertThat(WebhookLedgerContract.disabled(ledger(), chat.place()))
          .doesNotContain(toAnother.endpointId());
      assertThat(WebhookLedgerContract.disabled(ledger(), Samples.OTHER_INSTANCE))
          .doesNotContain(endpoint);
      assertThat(WebhookLedgerContract.disabled(ledger(), Samples.OTHER_TENANT))
          .doesNotContain(endpoint);
    }

    @Test
    default void settlesWhatWasInFlightWhenTheEndpointWasDisabled() {
      ChatId chat = newChat();
      ChatId other = newChat();
      String endpoint = newEndpoint();
      NewDelivery one = delivery(chat, endpoint);
      NewDelivery two = delivery(other, endpoint);
      plan(one, two);
      List<ClaimedDelivery> claimed = claim(NOW);

      assertThat(claimed).hasSize(2);
      for (ClaimedDelivery delivery : claimed) {
        assertThat(settle(delivery, new DeliveryOutcome.EndpointGone(), NOW)).isTrue();
      }

      assertThat(ledger().ofChat(chat)).containsExactly(entry(one, WebhookLedger.State.PENDING, 1));
      assertThat(ledger().ofChat(other))
          .containsExactly(entry(two, WebhookLedger.State.PENDING, 1));
      assertThat(WebhookLedgerContract.disabled(ledger(), chat.place())).containsOnlyOnce(endpoint);
    }

    @Test
    default void holdsBackWhatIsThereAndWhatComesWhenItIsAskedTo() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
      NewDelivery waiting = planned(chat, endpoint);

      assertThat(ledger().disable(chat.place(), endpoint)).isTrue();
      assertThat(ledger().disable(chat.place(), endpoint)).isFalse();

      NewDelivery later = planned(chat, endpoint);
      assertThat(claim(NOW.plus(Duration.ofDays(10)))).isEmpty();
      assertThat(WebhookLedgerContract.disabled(ledger(), chat.place())).containsOnlyOnce(endpoint);
      assertThat(ledger().enable(chat.place(), endpoint)).isTrue();
      ClaimedDelivery first = claimOne(NOW);
      assertThat(first.id()).isEqualTo(waiting.id());
      assertThat(first.attempt()).isEqualTo(1);
      settle(first, new DeliveryOutcome.Delivered(), NOW);
      assertThat(claimIds(NOW)).containsExactly(later.id());
    }

    @Test
    default void holdsBackNothingOfAnother() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
      NewDelivery own = planned(chat, endpoint);

      ledger().disable(Samples.OTHER_INSTANCE, endpoint);
      ledger().disable(Samples.OTHER_TENANT, endpoint);
      ledger().disable(chat.place(), newEndpoint());

      assertThat(WebhookLedgerContract.disabled(ledger(), chat.place())).doesNotContain(endpoint);
      assertThat(claimIds(NOW)).containsExactly(own.id());
    }

    @Test
    default void givesWhatWaitedInOrderOnceTheEndpointIsEnabled() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
      NewDelivery refused = disable(chat, endpoint);
      NewDelivery later = planned(chat, endpoint);

      assertThat(ledger().enable(chat.place(), endpoint)).isTrue();

      assertThat(WebhookLedgerContract.disabled(ledger(), chat.place())).doesNotContain(endpoint);
      ClaimedDelivery again = claimOne(NOW);
      assertThat(again.id()).isEqualTo(refused.id());
      assertThat(again.attempt()).isEqualTo(2);
      settle(again, new DeliveryOutcome.Delivered(), NOW);
      assertThat(claimIds(NOW)).containsExactly(later.id());
    }

    @Test
    default void enablesOnlyWhatIsDisabled() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();

      assertThat(ledger().enable(chat.place(), endpoint)).isFalse();
      disable(chat, endpoint);
      assertThat(ledger().enable(chat.place(), endpoint)).isTrue();
      assertThat(ledger().enable(chat.place(), endpoint)).isFalse();
    }

    @Test
    default void enablesNothingForAnotherTenantOrInstance() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
      disable(chat, endpoint);

      assertThat(ledger().enable(Samples.OTHER_INSTANCE, endpoint)).isFalse();
      assertThat(ledger().enable(Samples.OTHER_TENANT, endpoint)).isFalse();
      assertThat(ledger().enable(chat.place(), newEndpoint())).isFalse();

      assertThat(WebhookLedgerContract.disabled(ledger(), chat.place())).contains(endpoint);
      assertThat(claim(NOW)).isEmpty();
    }
  }
}
