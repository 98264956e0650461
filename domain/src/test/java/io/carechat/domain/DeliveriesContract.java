package io.carechat.domain;

import static io.carechat.domain.Samples.newChat;
import static io.carechat.domain.WebhookLedgerContract.newEndpoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.Deliveries.Filter;
import io.carechat.domain.Deliveries.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every ledger shows and does for those who manage endpoints. A test class implements each of
 * the nested interfaces.
 */
public interface DeliveriesContract extends WebhookLedgerContract {
  /** An instance that a credential of the samples' place does not cover, of either kind. */
  List<TenantInstance> ELSEWHERE = List.of(Samples.OTHER_INSTANCE, Samples.OTHER_TENANT);

  /** Everything of an endpoint, newest first. */
  default List<DeliveryId> all(String endpoint, Filter filter) {
    return deliveries().read(Samples.PLACE, endpoint, filter, new Range.Newest(), 1_000).stream()
        .map(Delivery::id)
        .toList();
  }

  /** How an endpoint does. */
  default EndpointHealth health(TenantInstance place, String endpoint) {
    return ledger().health(place).getOrDefault(endpoint, EndpointHealth.GOOD);
  }

  /** A delivery of the samples' place. */
  default Delivery find(NewDelivery delivery) {
    return deliveries().find(Samples.PLACE, delivery.endpointId(), delivery.id()).orElseThrow();
  }

  /** Claims the only delivery that is due, and settles it. */
  default DeliveryId attempt(DeliveryOutcome outcome, Instant now) {
    ClaimedDelivery claimed = claimOne(now);
    assertThat(settle(claimed, outcome, now)).isTrue();
    return claimed.id();
  }

  /** Plans a delivery that is then given up. */
  default NewDelivery dead(ChatId chat, String endpoint) {
    NewDelivery delivery = planned(chat, endpoint);
    assertThat(attempt(new DeliveryOutcome.GaveUp(), NOW)).isEqualTo(delivery.id());
    return delivery;
  }

  /** Plans a delivery that is then delivered. */
  default NewDelivery delivered(ChatId chat, String endpoint) {
    NewDelivery delivery = planned(chat, endpoint);
    assertThat(attempt(new DeliveryOutcome.Delivered(), NOW)).isEqualTo(delivery.id());
    return delivery;
  }

  /** Delivers all that is due, and gives it in the order in which it was claimed. */
  default List<DeliveryId> deliverAll(Instant now) {
    var order = new ArrayList<DeliveryId>();
    List<ClaimedDelivery> claimed = claim(now);
    while (!claimed.isEmpty()) {
      for (ClaimedDelivery delivery : claimed) {
        order.add(delivery.id());
        assertThat(settle(delivery, new DeliveryOutcome.Delivered(), now)).isTrue();
      }
      claimed = claim(now);
    }
    return order;
  }

  /** Ends all redeliveries that were asked for. */
  default void continueAll(int chats) {
    int steps = 0;
    while (ledger().continueRedeliveries(chats, NOW)) {
      steps++;
      assertThat(steps).isLessThan(1_000);
    }
  }

  /** {@link Deliveries#read}. */
  interface Read extends DeliveriesContract {
    @Test
    default void tellsAllOfADelivery() {
      ChatId chat = newChat();
      NewDelivery planned = planned(chat, newEndpoint());

      Delivery delivery = find(planned);

      assertThat(delivery)
          .isEqualTo(
              new Delivery(
                  planned.id(),
                  planned.endpointId(),
                  planned.position(),
                  Delivery.Type.MESSAGE_SENT,
                  chat,
                  planned.message().externalId(),
                  WebhookLedger.State.PENDING,
                  0,
                  delivery.createdAt(),
                  null,
                  delivery.createdAt(),
                  null));
      assertThat(delivery.createdAt()).isAfterOrEqualTo(NOW);
      assertThat(
              deliveries()
                  .read(Samples.PLACE, planned.endpointId(), Filter.ALL, new Range.Newest(), 10))
          .containsExactly(delivery);
    }

    @Test
    default void pagesNewestFirstInBothDirectionsWhateverTheStates() {
      String endpoint = newEndpoint();
      var newestFirst = new ArrayList<DeliveryId>();
      for (int i = 0; i < 12; i++) {
        ChatId chat = newChat();
        NewDelivery delivery =
            switch (i % 3) {
              case 0 -> dead(chat, endpoint);
              case 1 -> delivered(chat, endpoint);
              default -> {
                NewDelivery retried = planned(chat, endpoint);
                attempt(new DeliveryOutcome.RetryAt(NOW.plusSeconds(900)), NOW);
                yield retried;
              }
            };
        newestFirst.addFirst(delivery.id());
      }
      for (int size = 1; size <= 13; size++) {
        var seen = new ArrayList<Delivery>();
        List<Delivery> page =
            deliveries().read(Samples.PLACE, endpoint, Filter.ALL, new Range.Newest(), size);
        while (!page.isEmpty()) {
          seen.addAll(page);
          page =
              deliveries()
                  .read(
                      Samples.PLACE,
                      endpoint,
                      Filter.ALL,
                      new Range.Before(seen.getLast().place()),
                      size);
        }
        assertThat(seen).extracting(Delivery::id).containsExactlyElementsOf(newestFirst);
        var back = new ArrayList<Delivery>(List.of(seen.getLast()));
        page = seen.subList(seen.size() - 1, seen.size());
        while (!page.isEmpty()) {
          page =
              deliveries()
                  .read(
                      Samples.PLACE,
                      endpoint,
                      Filter.ALL,
                      new Range.After(back.getFirst().place()),
                      size);
          back.addAll(0, page);
        }
        assertThat(back).isEqualTo(seen);
      }
    }

    @Test
    default void filtersByStatePatientAndTime() {
      String endpoint = newEndpoint();
      ChatId chat = newChat();
      NewDelivery dead = dead(chat, endpoint);
      NewDelivery delivered = delivered(chat, endpoint);
      Instant later = find(delivered).createdAt().plusSeconds(100);
      NewDelivery pending = delivery(newChat(), endpoint);
      plan(later, pending);

      assertThat(all(endpoint, new Filter(WebhookLedger.State.DEAD, null, null, null)))
          .containsExactly(dead.id());
      assertThat(all(endpoint, new Filter(WebhookLedger.State.DELIVERED, null, null, null)))
          .containsExactly(delivered.id());
      assertThat(all(endpoint, new Filter(WebhookLedger.State.PENDING, null, null, null)))
          .containsExactly(pending.id());
      assertThat(all(endpoint, new Filter(null, chat.patient(), null, null)))
          .containsExactly(delivered.id(), dead.id());
      assertThat(all(endpoint, new Filter(WebhookLedger.State.DEAD, chat.patient(), null, later)))
          .containsExactly(dead.id());
      assertThat(all(endpoint, new Filter(null, null, later, null))).containsExactly(pending.id());
      assertThat(all(endpoint, new Filter(null, null, later.plusNanos(1), null))).isEmpty();
      assertThat(all(endpoint, new Filter(null, null, null, later)))
          .containsExactly(delivered.id(), dead.id());
      assertThat(all(endpoint, new Filter(null, null, later, later))).isEmpty();
      var range = new Range.Before(find(delivered).place());
      assertThat(
              deliveries()
                  .read(
                      Samples.PLACE,
                      endpoint,
                      new Filter(null, chat.patient(), null, null),
                      range,
                      5))
          .extracting(Delivery::id)
          .containsExactly(dead.id());
    }

    @Test
    default void createsNoDeliveryEarlierThanTheOneBefore() {
      String endpoint = newEndpoint();
      NewDelivery first = delivery(newChat(), endpoint);
      plan(NOW.plusSeconds(50), first);
      NewDelivery second = delivery(newChat(), endpoint);
      plan(NOW, second);

      assertThat(find(second).createdAt()).isEqualTo(find(first).createdAt());
      assertThat(all(endpoint, Filter.ALL)).containsExactly(second.id(), first.id());
      assertThat(claimIds(NOW)).contains(second.id());
    }

    @Test
    default void tellsWhatWaitsForWhatAndWhenItIsDue() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      NewDelivery second = planned(chat, first.endpointId());
      Instant retry = NOW.plusSeconds(300);
      attempt(new DeliveryOutcome.RetryAt(retry), NOW);

      assertThat(find(first).nextAttemptAt()).isEqualTo(retry);
      assertThat(find(first).waitsFor()).isNull();
      assertThat(find(second).nextAttemptAt()).isNull();
      assertThat(find(second).waitsFor()).isEqualTo(first.id());

      attempt(new DeliveryOutcome.EndpointGone(), retry);
      assertThat(find(first).nextAttemptAt()).as("of a disabled endpoint").isNull();
    }

    @Test
    default void tellsEveryAttempt() {
      ChatId chat = newChat();
      NewDelivery planned = planned(chat, newEndpoint());
      attempt(new DeliveryOutcome.RetryAt(NOW.plusSeconds(5)), NOW);
      attempt(new DeliveryOutcome.GaveUp(), NOW.plusSeconds(5));

      assertThat(deliveries().attempts(Samples.PLACE, planned.endpointId(), planned.id()))
          .containsExactly(
              new DeliveryAttempt(1, NOW, Duration.ofMillis(12), 503, "<p>Zoë & \u0001 🎉</p>"),
              new DeliveryAttempt(
                  2, NOW.plusSeconds(5), Duration.ofMillis(12), null, "connect timed out"));
      assertThat(find(planned).attempts()).isEqualTo(2);
      assertThat(find(planned).nextAttemptAt()).isNull();
    }

    @Test
    default void findsNothingFromAnotherTenantInstanceOrEndpoint() {
      ChatId chat = newChat();
      NewDelivery planned = dead(chat, newEndpoint());
      String endpoint = planned.endpointId();

      for (TenantInstance place : ELSEWHERE) {
        assertThat(deliveries().read(place, endpoint, Filter.ALL, new Range.Newest(), 10))
            .isEmpty();
        assertThat(deliveries().find(place, endpoint, planned.id())).isEmpty();
        assertThat(deliveries().attempts(place, endpoint, planned.id())).isEmpty();
        assertThat(deliveries().anyOf(place, endpoint)).isFalse();
        assertThat(health(place, endpoint)).isEqualTo(EndpointHealth.GOOD);
      }
      assertThat(deliveries().find(Samples.PLACE, newEndpoint(), planned.id())).isEmpty();
      assertThat(deliveries().attempts(Samples.PLACE, newEndpoint(), planned.id())).isEmpty();
      assertThat(deliveries().anyOf(Samples.PLACE, newEndpoint())).isFalse();
      assertThat(deliveries().anyOf(Samples.PLACE, endpoint)).isTrue();
      for (ChatId stranger : Samples.strangersTo(chat)) {
        if (!stranger.patient().equals(chat.patient())) {
          assertThat(all(endpoint, new Filter(null, stranger.patient(), null, null))).isEmpty();
        }
      }
    }
  }

  /** {@link WebhookLedger#disableFailing} and {@link WebhookLedger#health}. */
  interface Failing extends DeliveriesContract {
    /** How long failing is borne here. */
    Duration PATIENCE = Duration.ofDays(5);

    /** Other tests have left some failing. */
    @BeforeEach
    default void leaveNothingFailing() {
      assertThat(ledger().disableFailing(PATIENCE, NOW)).isNotNegative();
    }

    private void fail(Instant now) {
      attempt(new DeliveryOutcome.RetryAt(now.plusSeconds(60)), now);
    }

    private List<Event> eventsAfter(LogPosition position) {
      return instanceEvents().read(Samples.PLACE, position, 100).stream()
          .map(LoggedEvent::event)
          .filter(InstanceEvent.class::isInstance)
          .toList();
    }

    private LogPosition lastEvent() {
      NewDelivery marker = delivery(newChat(), newEndpoint());
      return marker.position();
    }

    @Test
    default void disablesAnEndpointThatFailsForTooLongAndLogsIt() {
      LogPosition before = lastEvent();
      NewDelivery planned = planned(newChat(), newEndpoint());
      fail(NOW);
      Instant last = NOW.plus(PATIENCE);
      fail(last);
      Instant now = last.plusSeconds(10);

      assertThat(health(Samples.PLACE, planned.endpointId()))
          .isEqualTo(new EndpointHealth(NOW, null));
      assertThat(ledger().disableFailing(PATIENCE, now)).isEqualTo(1);

      assertThat(WebhookLedgerContract.disabled(ledger(), Samples.PLACE))
          .contains(planned.endpointId());
      assertThat(health(Samples.PLACE, planned.endpointId()).disabled())
          .isEqualTo(new EndpointHealth.Disabled(InstanceEvent.Reason.FAILING, now));
      assertThat(claim(now.plus(Duration.ofDays(1)))).isEmpty();
      assertThat(eventually(() -> eventsAfter(before), 1))
          .containsExactly(
              new InstanceEvent.EndpointDisabled(
                  Samples.PLACE, planned.endpointId(), InstanceEvent.Reason.FAILING, now));
      assertThat(ledger().disableFailing(PATIENCE, now)).as("again").isZero();
      assertThat(eventsAfter(before)).hasSize(1);

      assertThat(ledger().enable(Samples.PLACE, planned.endpointId())).isTrue();
      assertThat(health(Samples.PLACE, planned.endpointId())).isEqualTo(EndpointHealth.GOOD);
      assertThat(ledger().disableFailing(PATIENCE, now)).as("after it was enabled").isZero();
      assertThat(claimOne(now.plus(Duration.ofDays(1))).id()).isEqualTo(planned.id());
    }

    @Test
    default void logsThatAnEndpointIsGone() {
      LogPosition before = lastEvent();
      NewDelivery planned = planned(newChat(), newEndpoint());
      attempt(new DeliveryOutcome.EndpointGone(), NOW);

      assertThat(eventually(() -> eventsAfter(before), 1))
          .containsExactly(
              new InstanceEvent.EndpointDisabled(
                  Samples.PLACE, planned.endpointId(), InstanceEvent.Reason.GONE, NOW));
      assertThat(health(Samples.PLACE, planned.endpointId()).disabled())
          .isEqualTo(new EndpointHealth.Disabled(InstanceEvent.Reason.GONE, NOW));
    }

    @Test
    default void bearsFailuresThatAreNotThatFarApart() {
      planned(newChat(), newEndpoint());
      fail(NOW);
      fail(NOW.plus(PATIENCE).minusSeconds(61));

      assertThat(ledger().disableFailing(PATIENCE, NOW.plus(PATIENCE.multipliedBy(2)))).isZero();
    }

    @Test
    default void forgetsFailuresWithASuccessOfAnyChat() {
      NewDelivery bad = planned(newChat(), newEndpoint());
      fail(NOW);
      delivered(newChat(), bad.endpointId());
      Instant last = NOW.plus(PATIENCE);
      fail(last);

      assertThat(health(Samples.PLACE, bad.endpointId())).isEqualTo(new EndpointHealth(last, null));
      assertThat(ledger().disableFailing(PATIENCE, last)).isZero();
    }

    @Test
    default void countsNoFailureOfAnEndpointThatIsUnknown() {
      NewDelivery planned = planned(newChat(), newEndpoint());
      attempt(new DeliveryOutcome.EndpointUnknown(), NOW);

      assertThat(find(planned).state()).isEqualTo(WebhookLedger.State.DEAD);
      assertThat(health(Samples.PLACE, planned.endpointId())).isEqualTo(EndpointHealth.GOOD);
    }

    /** Endpoints of the same id may be in other instances, and in other tenants' too. */
    @Test
    default void countsTheFailuresOfEachInstanceApart() {
      String endpoint = newEndpoint();
      List<TenantInstance> others = Samples.strangersTo(Samples.PLACE);
      planned(newChat(), endpoint);
      fail(NOW);
      for (TenantInstance other : others) {
        planned(Samples.chatIn(other), endpoint);
        fail(NOW);
      }
      delivered(newChat(), endpoint);
      assertThat(health(Samples.PLACE, endpoint)).isEqualTo(EndpointHealth.GOOD);
      for (TenantInstance other : others) {
        assertThat(health(other, endpoint)).isEqualTo(new EndpointHealth(NOW, null));
      }

      Instant last = NOW.plus(PATIENCE);
      for (ClaimedDelivery again : claim(last)) {
        assertThat(
                settle(
                    again,
                    again.event().place().equals(Samples.PLACE)
                        ? new DeliveryOutcome.Delivered()
                        : new DeliveryOutcome.RetryAt(last.plusSeconds(60)),
                    last))
            .isTrue();
      }
      assertThat(ledger().disableFailing(PATIENCE, last)).isEqualTo(others.size());
      assertThat(WebhookLedgerContract.disabled(ledger(), Samples.PLACE)).doesNotContain(endpoint);
      for (TenantInstance other : others) {
        assertThat(WebhookLedgerContract.disabled(ledger(), other)).contains(endpoint);
      }
    }

    /** What is withheld for a moment appears. */
    private static <T> List<T> eventually(Supplier<List<T>> read, int size) {
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      List<T> got = read.get();
      while (got.size() < size && System.nanoTime() < deadline) {
        got = read.get();
      }
      return got;
    }
  }

  /** {@link WebhookLedger#redeliver}. */
  interface Redeliver extends DeliveriesContract {
    private Redelivered redeliver(NewDelivery delivery) {
      return ledger().redeliver(Samples.PLACE, delivery.endpointId(), delivery.id(), NOW);
    }

    @Test
    default void makesADeadDeliveryAgainWithItsIdAndCountsOn() {
      ChatId chat = newChat();
      NewDelivery dead = dead(chat, newEndpoint());

      assertThat(redeliver(dead)).isEqualTo(new Redelivered.Due());

      Delivery pending = find(dead);
      assertThat(pending.state()).isEqualTo(WebhookLedger.State.PENDING);
      assertThat(pending.redeliveredAt()).isEqualTo(NOW);
      assertThat(pending.nextAttemptAt()).isNotNull().isBeforeOrEqualTo(pending.createdAt());
      ClaimedDelivery again = claimOne(NOW);
      assertThat(again.id()).isEqualTo(dead.id());
      assertThat(again.event()).isEqualTo(dead.event());
      assertThat(again.patientUrl()).isEqualTo(dead.patientUrl());
      assertThat(again.attempt()).as("of its schedule").isEqualTo(1);
      Instant retry = NOW.plusSeconds(5);
      settle(again, new DeliveryOutcome.RetryAt(retry), NOW);
      assertThat(claimOne(retry).attempt()).isEqualTo(2);
      assertThat(deliveries().attempts(Samples.PLACE, dead.endpointId(), dead.id()))
          .extracting(DeliveryAttempt::number)
          .containsExactly(1, 2);
    }

    @Test
    default void makesADeliveredOneAgain() {
      NewDelivery delivered = delivered(newChat(), newEndpoint());

      assertThat(redeliver(delivered)).isEqualTo(new Redelivered.Due());

      assertThat(deliverAll(NOW)).containsExactly(delivered.id());
      assertThat(find(delivered).state()).isEqualTo(WebhookLedger.State.DELIVERED);
      assertThat(find(delivered).attempts()).isEqualTo(2);
    }

    @Test
    default void putsItBeforeWhatIsPendingAndLaterInTheLogWhichKeepsItsTime() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
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
    default void comesBeforeTheNextIfAnotherOfItsLaneIsBeingAttempted() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
      NewDelivery dead = dead(chat, endpoint);
      NewDelivery inHand = planned(chat, endpoint);
      NewDelivery last = planned(chat, endpoint);
      ClaimedDelivery claimed = claimOne(NOW);
      assertThat(claimed.id()).isEqualTo(inHand.id());

      assertThat(redeliver(dead)).isEqualTo(new Redelivered.Due());

      assertThat(claim(NOW)).as("one at a time").isEmpty();
      Instant retry = NOW.plusSeconds(300);
      settle(claimed, new DeliveryOutcome.RetryAt(retry), NOW);
      assertThat(deliverAll(NOW)).containsExactly(dead.id());
      assertThat(deliverAll(retry)).containsExactly(inHand.id(), last.id());
    }

    @Test
    default void hurriesWhatIsNextOfItsLane() {
      NewDelivery planned = planned(newChat(), newEndpoint());
      attempt(new DeliveryOutcome.RetryAt(NOW.plusSeconds(300)), NOW);

      assertThat(redeliver(planned)).isEqualTo(new Redelivered.Due());

      ClaimedDelivery claimed = claimOne(NOW);
      assertThat(claimed.id()).isEqualTo(planned.id());
      assertThat(claimed.attempt()).as("no new schedule").isEqualTo(2);
      assertThat(redeliver(planned)).as("while it is attempted").isEqualTo(new Redelivered.Due());
      assertThat(claim(NOW)).isEmpty();
      assertThat(settle(claimed, new DeliveryOutcome.Delivered(), NOW)).isTrue();
      assertThat(claim(NOW)).isEmpty();
    }

    @Test
    default void tellsWhatComesFirstAndChangesNothing() {
      ChatId chat = newChat();
      NewDelivery first = planned(chat, newEndpoint());
      NewDelivery second = planned(chat, first.endpointId());
      Instant retry = NOW.plusSeconds(300);
      attempt(new DeliveryOutcome.RetryAt(retry), NOW);

      assertThat(redeliver(second)).isEqualTo(new Redelivered.WaitsFor(first.id()));

      assertThat(claim(NOW)).isEmpty();
      assertThat(deliverAll(retry)).containsExactly(first.id(), second.id());
    }

    @Test
    default void waitsForADisabledEndpoint() {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
      NewDelivery dead = dead(newChat(), endpoint);
      NewDelivery refused = disable(chat, endpoint);

      assertThat(redeliver(dead)).isEqualTo(new Redelivered.Due());

      assertThat(claim(NOW.plus(Duration.ofDays(1)))).isEmpty();
      assertThat(find(dead).nextAttemptAt()).isNull();
      ledger().enable(Samples.PLACE, endpoint);
      assertThat(deliverAll(NOW)).containsExactlyInAnyOrder(dead.id(), refused.id());
    }

    @Test
    default void redeliversNothingOfAnotherTenantInstanceOrEndpoint() {
      NewDelivery dead = dead(newChat(), newEndpoint());

      for (TenantInstance place : ELSEWHERE) {
        assertThat(ledger().redeliver(place, dead.endpointId(), dead.id(), NOW))
            .isEqualTo(new Redelivered.NoSuchDelivery());
      }
      assertThat(ledger().redeliver(Samples.PLACE, newEndpoint(), dead.id(), NOW))
          .isEqualTo(new Redelivered.NoSuchDelivery());
      assertThat(
              ledger()
                  .redeliver(
                      Samples.PLACE, dead.endpointId(), new DeliveryId(UUID.randomUUID()), NOW))
          .isEqualTo(new Redelivered.NoSuchDelivery());

      assertThat(find(dead).state()).isEqualTo(WebhookLedger.State.DEAD);
      assertThat(claim(NOW)).isEmpty();
    }

    @Test
    default void redeliversOnceHoweverManyAskAtOnce() throws Exception {
      NewDelivery dead = dead(newChat(), newEndpoint());

      List<Redelivered> answers = MessageLogContract.atOnce(8, () -> redeliver(dead));

      assertThat(answers).containsOnly(new Redelivered.Due());
      assertThat(deliverAll(NOW)).containsExactly(dead.id());
    }

    @Test
    default void losesNoLaneThoughItIsSettledMeanwhile() throws Exception {
      ChatId chat = newChat();
      String endpoint = newEndpoint();
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
                        : redeliver(dead).equals(new Redelivered.Due()));

        assertThat(done).containsOnly(true);
        assertThat(deliverAll(NOW)).containsExactly(dead.id());
      }
    }
  }

  /** {@link WebhookLedger#redeliverAll} and {@link WebhookLedger#continueRedeliveries}. */
  interface RedeliverAll extends DeliveriesContract {
    private int redeliverAll(String endpoint, WebhookLedger.Redeliverable which, Instant since) {
      return ledger().redeliverAll(Samples.PLACE, endpoint, which, since, afterAll());
    }

    /** A time when all deliveries have been created. */
    private static Instant afterAll() {
      return NOW.plus(Duration.ofDays(3_000));
    }

    @Test
    default void redeliversAllThatIsDeadAndNothingElse() {
      String endpoint = newEndpoint();
      ChatId chat = newChat();
      NewDelivery one = dead(chat, endpoint);
      delivered(chat, endpoint);
      NewDelivery two = dead(chat, endpoint);
      NewDelivery ofOther = dead(newChat(), endpoint);
      NewDelivery toOther = dead(chat, newEndpoint());

      assertThat(redeliverAll(endpoint, WebhookLedger.Redeliverable.DEAD, Instant.EPOCH))
          .isEqualTo(3);
      continueAll(100);

      List<DeliveryId> delivered = deliverAll(NOW);
      assertThat(delivered).containsExactlyInAnyOrder(one.id(), two.id(), ofOther.id());
      assertThat(delivered).containsSubsequence(one.id(), two.id());
      assertThat(find(toOther).state()).isEqualTo(WebhookLedger.State.DEAD);
      assertThat(find(one).redeliveredAt()).isEqualTo(afterAll());
    }

    @Test
    default void redeliversWhatWasDeliveredTooFromATimeOn() {
      String endpoint = newEndpoint();
      ChatId chat = newChat();
      dead(chat, endpoint);
      delivered(chat, endpoint);
      Instant since =
          deliveries()
              .read(Samples.PLACE, endpoint, Filter.ALL, new Range.Newest(), 1)
              .getFirst()
              .createdAt()
              .plusSeconds(10);
      NewDelivery three = delivery(chat, endpoint);
      plan(since, three);
      assertThat(deliverAll(since)).containsExactly(three.id());
      NewDelivery four = delivery(chat, endpoint);
      plan(since, four);
      attempt(new DeliveryOutcome.GaveUp(), since);

      assertThat(redeliverAll(endpoint, WebhookLedger.Redeliverable.ALL, since)).isEqualTo(2);
      continueAll(1);

      assertThat(deliverAll(since)).containsExactly(three.id(), four.id());
      continueAll(1);
      assertThat(claim(since)).as("once only").isEmpty();
    }

    @Test
    default void keepsTheOrderOfEachChatWhateverTheLotsAndBeforeWhatIsPending() {
      String endpoint = newEndpoint();
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

      assertThat(redeliverAll(endpoint, WebhookLedger.Redeliverable.ALL, Instant.EPOCH))
          .isEqualTo(12);
      var order = new ArrayList<DeliveryId>();
      boolean more = true;
      while (more) {
        // Workers go on between the lots.
        more = ledger().continueRedeliveries(1, NOW);
        order.addAll(deliverAll(NOW));
      }
      order.addAll(deliverAll(retry));

      for (List<DeliveryId> ofChat : expected.values()) {
        assertThat(order.stream().filter(ofChat::contains)).containsExactlyElementsOf(ofChat);
      }
    }

    @Test
    default void endsThoughWhatItRedeliversDiesAgain() {
      String endpoint = newEndpoint();
      NewDelivery dead = dead(newChat(), endpoint);
      redeliverAll(endpoint, WebhookLedger.Redeliverable.DEAD, Instant.EPOCH);

      boolean _ = ledger().continueRedeliveries(10, NOW);
      attempt(new DeliveryOutcome.EndpointUnknown(), NOW);
      continueAll(10);

      assertThat(find(dead).state()).isEqualTo(WebhookLedger.State.DEAD);
      assertThat(claim(NOW)).isEmpty();
    }

    @Test
    default void redeliversNothingOfAnotherTenantOrInstance() {
      String endpoint = newEndpoint();
      NewDelivery dead = dead(newChat(), endpoint);

      for (TenantInstance place : ELSEWHERE) {
        assertThat(
                ledger()
                    .redeliverAll(
                        place,
                        endpoint,
                        WebhookLedger.Redeliverable.ALL,
                        Instant.EPOCH,
                        afterAll()))
            .isZero();
      }
      continueAll(10);

      assertThat(find(dead).state()).isEqualTo(WebhookLedger.State.DEAD);
      assertThat(claim(NOW)).isEmpty();
    }

    @Test
    default void hasNothingToGoOnWithIfNobodyAsked() {
      assertThat(ledger().continueRedeliveries(10, NOW)).isFalse();
    }
  }

  /** {@link WebhookLedger#forgetDelivered}. */
  interface Forget extends DeliveriesContract {
    @Test
    default void forgetsWhatWasDeliveredBeforeATimeInLots() {
      String endpoint = newEndpoint();
      String other = newEndpoint();
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
      int lot = ledger().forgetDelivered(before, 1);
      assertThat(lot).isEqualTo(1);
      while (lot > 0) {
        forgotten += lot;
        lot = ledger().forgetDelivered(before, 1);
      }

      assertThat(forgotten).isGreaterThanOrEqualTo(3);
      assertThat(all(endpoint, Filter.ALL)).containsExactly(pending.id(), young.id(), dead.id());
      assertThat(deliveries().anyOf(Samples.PLACE, other)).isFalse();
      for (NewDelivery gone : List.of(one, two)) {
        assertThat(deliveries().find(Samples.PLACE, endpoint, gone.id())).isEmpty();
        assertThat(deliveries().attempts(Samples.PLACE, endpoint, gone.id())).isEmpty();
      }
      assertThat(deliveries().attempts(Samples.PLACE, endpoint, dead.id())).hasSize(1);
      assertThat(deliverAll(before)).containsExactly(pending.id());
    }
  }
}
