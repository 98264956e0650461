package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.AccessAssertions;
import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageRequest;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEndpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DeliveryHistoryTest extends DeliveryFixture {
  private static final Caller PARTNER =
      partner(Samples.THIS_INSTANCE, Scope.MANAGE_WEBHOOKS, Scope.READ_MESSAGES);

  private final AtomicInteger redeliveries = new AtomicInteger();
  private final DeliveryHistory history =
      new DeliveryHistory(store, store, endpoints, clock, redeliveries::incrementAndGet);
  private final ChatId chat = Samples.newChat();

  private static Caller partner(TenantInstance instance, Scope... scopes) {
    return new Caller.Partner("partner", instance, Set.of(scopes));
  }

  static Stream<Caller> strangers() {
    Set<Scope> all = EnumSet.allOf(Scope.class);
    Set<Scope> others = EnumSet.complementOf(EnumSet.of(Scope.MANAGE_WEBHOOKS));
    return Stream.concat(
        Samples.strangersTo(Samples.THIS_INSTANCE).stream()
            .map(stranger -> new Caller.Partner("stranger", stranger, all)),
        Stream.of(
            new Caller.Partner("without", Samples.THIS_INSTANCE, others),
            new Caller.PatientUser(
                "patient", Samples.THIS_INSTANCE, all, new PatientId(Samples.newUuid()))));
  }

  /** Sends a message whose delivery is given up. */
  private Delivery dead(String text) {
    send(chat, text);
    receiver = call -> status(500);
    for (int i = 0; i < 12; i++) {
      run();
      clock.move(Duration.ofHours(30));
    }
    receiver = call -> status(204);
    return deliveries(chat, CRM).getLast();
  }

  private Page<Delivery, Delivery.Key> list(PageRequest<Delivery.Key> request) {
    return history
        .list(PARTNER, Samples.THIS_INSTANCE, CRM, Samples.ALL_DELIVERIES, request)
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void isDeniedToWhoeverDoesNotManageTheEndpointsAndChangesNothing(Caller stranger) {
    configure(Samples.THIS_INSTANCE, CRM);
    Delivery dead = dead("one");

    for (EndpointId id : List.of(CRM, ARCHIVE)) {
      assertDenied(() ->
          history.list(
              stranger,
              Samples.THIS_INSTANCE,
              id,
              Samples.ALL_DELIVERIES,
              new PageRequest<>(null, null)));
      assertDenied(() -> history.get(stranger, Samples.THIS_INSTANCE, id, dead.id()));
      assertDenied(
          () -> history.redeliver(stranger, Samples.THIS_INSTANCE, id, dead.id(), () -> {}));
      assertDenied(() ->
          history.redeliverAll(
              stranger, Samples.THIS_INSTANCE, id, Redeliveries.Redeliverable.ALL, null, () -> {}));
    }

    assertThat(redeliveries).hasValue(0);
    assertThat(maintenance.continueRedeliveries()).isFalse();
    assertThat(deliveries(chat, CRM)).containsExactly(dead);
  }

  /** Otherwise somebody who may not redeliver could use up the limit of those who may. */
  @Test
  void asksForAdmissionOnlyIfTheCallerMayRedeliver() {
    configure(Samples.THIS_INSTANCE, CRM);
    Delivery dead = dead("one");
    var asked = new AtomicInteger();
    Runnable refusal =
        () -> {
          asked.incrementAndGet();
          throw new IllegalStateException("refused");
        };
    Caller manager = partner(Samples.THIS_INSTANCE, Scope.MANAGE_WEBHOOKS);

    for (Redeliver redeliver : redelivers(dead.id())) {
      for (Caller denied : Stream.concat(strangers(), Stream.of(manager)).toList()) {
        assertThatThrownBy(() -> redeliver.with(denied, CRM, refusal))
            .isInstanceOf(AccessDenied.class);
      }
      redeliver.with(PARTNER, new EndpointId("unknown"), refusal);
      assertThat(asked).hasValue(0);
      assertThatThrownBy(() -> redeliver.with(PARTNER, CRM, refusal)).hasMessage("refused");
      assertThat(asked.getAndSet(0)).isEqualTo(1);
    }
    assertThat(redeliveries).hasValue(0);
    assertThat(deliveries(chat, CRM)).containsExactly(dead);
  }

  private interface Redeliver {
    void with(Caller caller, EndpointId endpoint, Runnable admission);
  }

  private List<Redeliver> redelivers(DeliveryId id) {
    return List.of(
        (caller, endpoint, admission) ->
            history.redeliver(caller, Samples.THIS_INSTANCE, endpoint, id, admission),
        (caller, endpoint, admission) ->
            history.redeliverAll(
                caller,
                Samples.THIS_INSTANCE,
                endpoint,
                Redeliveries.Redeliverable.ALL,
                null,
                admission));
  }

  private static void assertDenied(ThrowingCallable call) {
    AccessAssertions.assertDenied(Scope.MANAGE_WEBHOOKS, call);
  }

  @Test
  void hasNothingOfAnotherInstance() {
    configure(Samples.THIS_INSTANCE, CRM);
    Delivery dead = dead("one");

    for (TenantInstance other : Samples.strangersTo(Samples.THIS_INSTANCE)) {
      Caller theirs = partner(other, Scope.MANAGE_WEBHOOKS, Scope.READ_MESSAGES);
      assertThat(
              history.list(
                  theirs, other, CRM, Samples.ALL_DELIVERIES, new PageRequest<>(null, null)))
          .isEmpty();
      assertThat(history.get(theirs, other, CRM, dead.id()))
          .isEqualTo(new DeliveryHistory.NoSuchEndpoint());
      assertThat(history.redeliver(theirs, other, CRM, dead.id(), () -> {}))
          .isEqualTo(new DeliveryHistory.NoSuchEndpoint());
      assertThat(
              history.redeliverAll(
                  theirs, other, CRM, Redeliveries.Redeliverable.ALL, null, () -> {}))
          .isEqualTo(new DeliveryHistory.NoSuchEndpoint());
      configure(other, CRM);
      assertThat(history.get(theirs, other, CRM, dead.id()))
          .isEqualTo(new DeliveryHistory.NoSuchDelivery());
      assertThat(history.redeliver(theirs, other, CRM, dead.id(), () -> {}))
          .isEqualTo(new DeliveryHistory.NoSuchDelivery());
    }
    assertThat(deliveries(chat, CRM)).containsExactly(dead);
  }

  @Test
  void listsPagesOfEverySizeInBothDirections() {
    configure(Samples.THIS_INSTANCE, CRM);
    for (int i = 0; i < 5; i++) {
      send(chat, "text " + i);
      run();
      clock.move(Duration.ofMillis(i % 2));
    }
    List<Delivery> newestFirst = deliveries(chat, CRM).reversed();
    for (int size = 1; size <= 6; size++) {
      var older = new ArrayList<Delivery>();
      Page<Delivery, Delivery.Key> page = list(new PageRequest<>(null, new PageSize(size)));
      older.addAll(page.newestFirst());
      while (page.older() != null) {
        page = list(new PageRequest<>(page.older(), null));
        assertThat(page.newestFirst()).isNotEmpty();
        older.addAll(page.newestFirst());
      }
      assertThat(older).isEqualTo(newestFirst);

      var newer = new ArrayList<>(page.newestFirst());
      do {
        page = list(new PageRequest<>(page.newer(), null));
        newer.addAll(0, page.newestFirst());
      } while (!page.newestFirst().isEmpty());
      assertThat(newer).isEqualTo(newestFirst);
      assertThat(list(new PageRequest<>(page.older(), null)).newestFirst().getFirst())
          .isEqualTo(newestFirst.getFirst());
    }
  }

  @Test
  void makesADeadDeliveryAgain() {
    configure(Samples.THIS_INSTANCE, CRM);
    Delivery dead = dead("one");

    assertThat(history.redeliver(PARTNER, Samples.THIS_INSTANCE, CRM, dead.id(), () -> {}))
        .isInstanceOfSatisfying(
            DeliveryHistory.Redelivered.class,
            redelivered ->
                assertThat(redelivered.delivery().state()).isEqualTo(DeliveryState.PENDING));
    assertThat(redeliveries).hasValue(1);
    run();

    assertThat(history.get(PARTNER, Samples.THIS_INSTANCE, CRM, dead.id()))
        .isInstanceOfSatisfying(
            DeliveryHistory.Found.class,
            found -> {
              assertThat(found.delivery().state()).isEqualTo(DeliveryState.DELIVERED);
              assertThat(found.attempts()).hasSize(11);
            });
  }

  @Test
  void redeliversTextsOnlyForWhoeverMayReadMessages() {
    configure(Samples.THIS_INSTANCE, CRM);
    Delivery dead = dead("one");
    Caller manager = partner(Samples.THIS_INSTANCE, Scope.MANAGE_WEBHOOKS);

    AccessAssertions.assertDenied(
        Scope.READ_MESSAGES,
        () -> history.redeliver(manager, Samples.THIS_INSTANCE, CRM, dead.id(), () -> {}));
    AccessAssertions.assertDenied(
        Scope.READ_MESSAGES,
        () ->
            history.redeliverAll(
                manager,
                Samples.THIS_INSTANCE,
                CRM,
                Redeliveries.Redeliverable.ALL,
                null,
                () -> {}));

    assertThat(redeliveries).hasValue(0);
    assertThat(deliveries(chat, CRM)).containsExactly(dead);
    assertThat(history.get(manager, Samples.THIS_INSTANCE, CRM, dead.id()))
        .isInstanceOf(DeliveryHistory.Found.class);
  }

  @Test
  void redeliversManyOnceAtATime() {
    configure(Samples.THIS_INSTANCE, CRM);
    Delivery _ = dead("one");

    assertThat(redeliverAll()).isEqualTo(new DeliveryHistory.AllRedelivered(1));
    assertThat(redeliverAll()).isEqualTo(new DeliveryHistory.StillRedelivering());
    assertThat(redeliveries).hasValue(1);
    while (maintenance.continueRedeliveries()) {
      // Until nothing is left.
    }
    run();
    clock.move(Duration.ofSeconds(1));
    assertThat(redeliverAll()).isEqualTo(new DeliveryHistory.AllRedelivered(1));
  }

  private DeliveryHistory.RedeliverAllResult redeliverAll() {
    return history.redeliverAll(
        PARTNER, Samples.THIS_INSTANCE, CRM, Redeliveries.Redeliverable.ALL, null, () -> {});
  }

  @Test
  void keepsTheHistoryOfAnEndpointThatWasDeletedAndSendsItNothing() {
    WebhookEndpoint removed = configure(Samples.THIS_INSTANCE, CRM);
    Delivery dead = dead("one");
    configured.remove(removed);

    assertThat(list(new PageRequest<>(null, null)).newestFirst()).containsExactly(dead);
    assertThat(history.get(PARTNER, Samples.THIS_INSTANCE, CRM, dead.id()))
        .isInstanceOf(DeliveryHistory.Found.class);
    assertThat(history.redeliver(PARTNER, Samples.THIS_INSTANCE, CRM, dead.id(), () -> {}))
        .isEqualTo(new DeliveryHistory.EndpointRemoved());
    assertThat(
            history.redeliverAll(
                PARTNER,
                Samples.THIS_INSTANCE,
                CRM,
                Redeliveries.Redeliverable.ALL,
                null,
                () -> {}))
        .isEqualTo(new DeliveryHistory.EndpointRemoved());
    assertThat(redeliveries).hasValue(0);
    assertThat(deliveries(chat, CRM)).containsExactly(dead);
  }
}
