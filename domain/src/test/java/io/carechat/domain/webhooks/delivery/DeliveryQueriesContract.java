package io.carechat.domain.webhooks.delivery;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.chat.Samples.strangersTo;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.newEndpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookEventType;
import io.carechat.domain.webhooks.delivery.DeliveryQueries.Filter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link DeliveryQueries} gives. */
public interface DeliveryQueriesContract extends DeliveryContract {
  @Test
  default void givesTheDeliveriesOfEachEndpointInTheOrderOfTheLog() {
    ChatId chat = newChat();
    Message one = Samples.stored(log(), chat, "one");
    Message two = Samples.stored(log(), chat, "two");
    EndpointId a = newEndpoint();
    EndpointId b = newEndpoint();
    plan(delivery(one, b), delivery(one, a), delivery(two, b), delivery(two, a));

    for (EndpointId endpoint : List.of(a, b)) {
      assertThat(standings(chat, endpoint))
          .extracting(Standing::message, Standing::endpointId)
          .containsExactly(tuple(one.externalId(), endpoint), tuple(two.externalId(), endpoint));
    }
  }

  @Test
  default void givesNothingOfAnotherTenantInstanceOrPatient() {
    ChatId chat = newChat();
    NewDelivery planned = planned(chat, newEndpoint());

    for (ChatId stranger : strangersTo(chat)) {
      assertThat(standings(stranger, planned.endpointId())).isEmpty();
    }
  }

  @Test
  default void showsEverythingOfADelivery() {
    ChatId chat = newChat();
    NewDelivery planned = planned(chat, newEndpoint());

    Delivery delivery = find(planned);

    assertThat(delivery)
        .isEqualTo(
            new Delivery(
                planned.id(),
                planned.endpointId(),
                planned.position(),
                WebhookEventType.MESSAGE_SENT,
                chat,
                planned.message().externalId(),
                DeliveryState.PENDING,
                0,
                delivery.createdAt(),
                null,
                delivery.createdAt(),
                null));
    assertThat(delivery.createdAt()).isAfterOrEqualTo(NOW);
    assertThat(
            ports()
                .queries()
                .read(
                    Samples.THIS_INSTANCE,
                    planned.endpointId(),
                    Samples.ALL_DELIVERIES,
                    new Window.Newest<>(),
                    10))
        .containsExactly(delivery);
  }

  @Test
  default void pagesNewestFirstInBothDirectionsWhateverTheStates() {
    EndpointId endpoint = newEndpoint();
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
          ports()
              .queries()
              .read(
                  Samples.THIS_INSTANCE,
                  endpoint,
                  Samples.ALL_DELIVERIES,
                  new Window.Newest<>(),
                  size);
      while (!page.isEmpty()) {
        seen.addAll(page);
        page =
            ports()
                .queries()
                .read(
                    Samples.THIS_INSTANCE,
                    endpoint,
                    Samples.ALL_DELIVERIES,
                    new Window.Before<>(seen.getLast().key()),
                    size);
      }
      assertThat(seen).extracting(Delivery::id).containsExactlyElementsOf(newestFirst);
      var back = new ArrayList<Delivery>(List.of(seen.getLast()));
      page = seen.subList(seen.size() - 1, seen.size());
      while (!page.isEmpty()) {
        page =
            ports()
                .queries()
                .read(
                    Samples.THIS_INSTANCE,
                    endpoint,
                    Samples.ALL_DELIVERIES,
                    new Window.After<>(back.getFirst().key()),
                    size);
        back.addAll(0, page);
      }
      assertThat(back).isEqualTo(seen);
    }
  }

  @Test
  default void filtersByStatePatientAndTime() {
    EndpointId endpoint = newEndpoint();
    ChatId chat = newChat();
    NewDelivery dead = dead(chat, endpoint);
    NewDelivery delivered = delivered(chat, endpoint);
    Instant later = find(delivered).createdAt().plusSeconds(100);
    NewDelivery pending = delivery(newChat(), endpoint);
    plan(later, pending);

    assertThat(all(endpoint, new Filter(DeliveryState.DEAD, null, null, null)))
        .containsExactly(dead.id());
    assertThat(all(endpoint, new Filter(DeliveryState.DELIVERED, null, null, null)))
        .containsExactly(delivered.id());
    assertThat(all(endpoint, new Filter(DeliveryState.PENDING, null, null, null)))
        .containsExactly(pending.id());
    assertThat(all(endpoint, new Filter(null, chat.patient(), null, null)))
        .containsExactly(delivered.id(), dead.id());
    assertThat(all(endpoint, new Filter(DeliveryState.DEAD, chat.patient(), null, later)))
        .containsExactly(dead.id());
    assertThat(all(endpoint, new Filter(null, null, later, null))).containsExactly(pending.id());
    assertThat(all(endpoint, new Filter(null, null, later.plusNanos(1), null))).isEmpty();
    assertThat(all(endpoint, new Filter(null, null, null, later)))
        .containsExactly(delivered.id(), dead.id());
    assertThat(all(endpoint, new Filter(null, null, later, later))).isEmpty();
    var window = new Window.Before<>(find(delivered).key());
    assertThat(
            ports()
                .queries()
                .read(
                    Samples.THIS_INSTANCE,
                    endpoint,
                    new Filter(null, chat.patient(), null, null),
                    window,
                    5))
        .extracting(Delivery::id)
        .containsExactly(dead.id());
  }

  @Test
  default void createsNoDeliveryEarlierThanTheOneBefore() {
    EndpointId endpoint = newEndpoint();
    NewDelivery first = delivery(newChat(), endpoint);
    plan(NOW.plusSeconds(50), first);
    NewDelivery second = delivery(newChat(), endpoint);
    plan(NOW, second);

    assertThat(find(second).createdAt()).isEqualTo(find(first).createdAt());
    assertThat(all(endpoint, Samples.ALL_DELIVERIES)).containsExactly(second.id(), first.id());
    assertThat(claimIds(NOW)).contains(second.id());
  }

  @Test
  default void showsWhatWaitsForWhatAndWhenItIsDue() {
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
  default void showsEveryAttempt() {
    ChatId chat = newChat();
    NewDelivery planned = planned(chat, newEndpoint());
    attempt(new DeliveryOutcome.RetryAt(NOW.plusSeconds(5)), NOW);
    attempt(new DeliveryOutcome.GaveUp(), NOW.plusSeconds(5));

    assertThat(
            ports().queries().attempts(Samples.THIS_INSTANCE, planned.endpointId(), planned.id()))
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
    EndpointId endpoint = planned.endpointId();

    for (TenantInstance instance : ELSEWHERE) {
      assertThat(
              ports()
                  .queries()
                  .read(instance, endpoint, Samples.ALL_DELIVERIES, new Window.Newest<>(), 10))
          .isEmpty();
      assertThat(ports().queries().find(instance, endpoint, planned.id())).isEmpty();
      assertThat(ports().queries().attempts(instance, endpoint, planned.id())).isEmpty();
      assertThat(ports().queries().anyOf(instance, endpoint)).isFalse();
      assertThat(health(instance, endpoint)).isEqualTo(EndpointHealth.GOOD);
    }
    assertThat(ports().queries().find(Samples.THIS_INSTANCE, newEndpoint(), planned.id()))
        .isEmpty();
    assertThat(ports().queries().attempts(Samples.THIS_INSTANCE, newEndpoint(), planned.id()))
        .isEmpty();
    assertThat(ports().queries().anyOf(Samples.THIS_INSTANCE, newEndpoint())).isFalse();
    assertThat(ports().queries().anyOf(Samples.THIS_INSTANCE, endpoint)).isTrue();
    for (ChatId stranger : Samples.strangersTo(chat)) {
      if (!stranger.patient().equals(chat.patient())) {
        assertThat(all(endpoint, new Filter(null, stranger.patient(), null, null))).isEmpty();
      }
    }
  }
}
