package io.carechat.persistence.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryContract;
import io.carechat.domain.webhooks.delivery.DeliveryOutcome;
import io.carechat.domain.webhooks.delivery.DeliveryQueue;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.domain.webhooks.delivery.EndpointStates;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.persistence.StorageTest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The lanes in the table, beyond what the ports show of them. */
final class WebhookLanesTest extends StorageTest implements DeliveryContract {
  private static final WebhookAnswer GONE =
      new WebhookAnswer.Answered(410, null, "", Duration.ZERO);

  private final DeliveryQueue queue = storage.deliveryQueue();
  private final EndpointStates states = storage.endpointStates();

  /** There is a lane for each chat and endpoint with pending deliveries, and for no other. */
  @AfterEach
  void lanesAreThoseThatHavePendingDeliveries() throws SQLException {
    assertThat(
            database.number(
                """
                select count(*)
                from (
                    select distinct tenant_name, instance_name, patient_id, endpoint_id
                    from carechat.webhook_delivery
                    where state = 'PENDING'
                  ) as pending
                  full join carechat.webhook_lane lane
                    using (tenant_name, instance_name, patient_id, endpoint_id)
                where pending.patient_id is null or lane.patient_id is null
                """))
        .isZero();
  }

  private NewDelivery planned(ChatId chat, String endpoint) {
    return planned(chat, new EndpointId(endpoint));
  }

  private List<ClaimedDelivery> claim(int limit, Instant now) {
    return queue.claim(limit, now, LEASE, NO_LIMITS);
  }

  @Test
  void recordsEveryAttemptWithWhatTheEndpointSaid() throws SQLException {
    ChatId chat = Samples.newChat();
    planned(chat, "attempts");
    ClaimedDelivery first = claim(1, NOW).getFirst();
    queue.settle(
        first,
        new WebhookAnswer.Answered(503, null, "\0 down \uD800", Duration.ofMillis(12)),
        new DeliveryOutcome.RetryAt(NOW.plusSeconds(5)),
        NOW);
    ClaimedDelivery second = claim(1, NOW.plusSeconds(5)).getFirst();
    queue.settle(
        second,
        new WebhookAnswer.Failed("no answer", Duration.ofSeconds(15)),
        new DeliveryOutcome.GaveUp(),
        NOW.plusSeconds(20));

    assertThat(
            database.number(
                """
                select count(*)
                from carechat.webhook_attempt
                where patient_id = '%s'
                  and (attempt, ended_at, took_ms, status is not distinct from 503, note) in (
                    (1, '2021-02-08T17:17:29Z', 12, true, E'\\uFFFD down \\uFFFD'),
                    (2, '2021-02-08T17:17:49Z', 15000, false, 'no answer'))
                """
                    .formatted(chat.patient())))
        .isEqualTo(2);
  }

  @Test
  void keepsTheLanesOfADisabledEndpointOutOfTheWayOfClaims() throws SQLException {
    ChatId chat = Samples.newChat();
    ChatId other = Samples.newChat();
    planned(chat, "gone");
    ClaimedDelivery claimed = claim(1, NOW).getFirst();
    planned(other, "gone");
    queue.settle(claimed, GONE, new DeliveryOutcome.EndpointGone(), NOW);
    planned(Samples.newChat(), "gone");

    assertThat(
            database.number(
                "select count(*) from carechat.webhook_lane"
                    + " where endpoint_id = 'gone' and due_at = 'infinity' and claim is null"))
        .isEqualTo(3);
    assertThat(states.enable(chat.instance(), new EndpointId("gone"))).isTrue();
    deliverAll(3);
  }

  /**
   * Many calls of an endpoint were under way when it went, and all answers say so. None waits for
   * another.
   */
  @Test
  void toleratesThatAnEndpointIsGoneForManyChatsAtOnce() throws Exception {
    for (int round = 0; round < 10; round++) {
      String endpoint = "gone-" + round;
      for (int i = 0; i < 16; i++) {
        planned(Samples.newChat(), endpoint);
      }
      var claimed = new ConcurrentLinkedQueue<>(claim(16, NOW));
      assertThat(claimed).hasSize(16);

      List<Boolean> settled =
          MessageLogContract.atOnce(
              16,
              () -> queue.settle(claimed.remove(), GONE, new DeliveryOutcome.EndpointGone(), NOW));

      assertThat(settled).hasSize(16).doesNotContain(false);
      assertThat(DeliveryContract.disabled(states, Samples.THIS_INSTANCE))
          .contains(new EndpointId(endpoint));
    }
  }

  /** More lanes wait than one transaction may change, so this is done in batches. */
  @Test
  void disablesAndEnablesAnEndpointForWhichVeryManyChatsWait() throws SQLException {
    int lanes = 2_500;
    String held =
        "select count(*) from carechat.webhook_lane where endpoint_id = 'crowded' and due_at = 'infinity'";
    database.execute(
        """
        insert into carechat.webhook_lane (tenant_name, instance_name, patient_id, endpoint_id, due_at)
        select '%s', '%s', gen_random_uuid(), 'crowded', '2021-02-08T17:17:29Z' from generate_series(1, %d)
        """
            .formatted(
                Samples.THIS_INSTANCE.tenantName(), Samples.THIS_INSTANCE.instanceName(), lanes));

    WebhookEndpoint first = disabledByPartner(Samples.THIS_INSTANCE, new EndpointId("crowded"));
    assertThat(database.number(held)).isEqualTo(1_000);
    // Whether or not they are held back yet.
    assertThat(claim(10, NOW)).isEmpty();
    continueAll(10);
    assertThat(database.number(held)).isEqualTo(lanes);

    WebhookEndpoint second = WebhookRegistryContract.changed(first);
    assertThat(ports().registry().replace(second, true)).isTrue();
    assertThat(database.number(held)).isEqualTo(lanes - 1_000);
    // It is disabled again before all lanes are released.
    WebhookEndpoint third = WebhookRegistryContract.changed(second);
    assertThat(ports().registry().replace(third, false)).isTrue();
    continueAll(10);
    assertThat(database.number(held)).isEqualTo(lanes);
    assertThat(states.enable(Samples.THIS_INSTANCE, new EndpointId("crowded"))).isTrue();
    continueAll(10);
    assertThat(database.number(held)).isZero();
    database.execute("delete from carechat.webhook_lane where endpoint_id = 'crowded'");
  }

  @Test
  void claimsNoLaneThatComesBackFromAWorkerAfterItsEndpointWasDisabled() {
    planned(Samples.newChat(), "going");
    planned(Samples.newChat(), "going");
    List<ClaimedDelivery> claimed = claim(2, NOW);
    queue.settle(claimed.get(0), GONE, new DeliveryOutcome.EndpointGone(), NOW);

    assertThat(
            queue.settle(
                claimed.get(1),
                new WebhookAnswer.Failed("reset", Duration.ZERO),
                new DeliveryOutcome.RetryAt(NOW.plusSeconds(5)),
                NOW))
        .isTrue();

    assertThat(claim(10, NOW.plusSeconds(100))).isEmpty();
    assertThat(states.enable(Samples.THIS_INSTANCE, new EndpointId("going"))).isTrue();
    deliverAll(2);
  }

  @Test
  void losesNoLaneWhenAnEndpointIsEnabledWhileOthersPlanForIt() throws Exception {
    for (int round = 0; round < 20; round++) {
      String endpoint = "enabled-" + round;
      planned(Samples.newChat(), endpoint);
      ClaimedDelivery claimed = claim(1, NOW).getFirst();
      queue.settle(claimed, GONE, new DeliveryOutcome.EndpointGone(), NOW);
      NewDelivery next = delivery(Samples.newChat(), new EndpointId(endpoint));
      var turn = new AtomicInteger();

      List<Boolean> done =
          MessageLogContract.atOnce(
              2,
              () -> {
                if (turn.getAndIncrement() == 0) {
                  return states.enable(Samples.THIS_INSTANCE, new EndpointId(endpoint));
                }
                plan(next);
                return true;
              });

      assertThat(done).containsOnly(true);
      deliverAll(2);
    }
  }

  @Test
  void settlesManyAtOnceEachForItself() throws Exception {
    var deliveries = new ArrayList<NewDelivery>();
    for (int i = 0; i < 40; i++) {
      deliveries.add(delivery(Samples.newChat(), new EndpointId("many")));
    }
    deliveries.forEach(this::plan);
    List<ClaimedDelivery> claimed = claim(100, NOW);
    assertThat(claimed).hasSize(40);
    var next = new AtomicInteger();

    MessageLogContract.atOnce(
        40,
        () -> {
          int i = next.getAndIncrement();
          DeliveryOutcome outcome =
              switch (i % 3) {
                case 0 -> new DeliveryOutcome.Delivered();
                case 1 -> new DeliveryOutcome.RetryAt(NOW.plusSeconds(i));
                default -> new DeliveryOutcome.GaveUp();
              };
          assertThat(
                  queue.settle(
                      claimed.get(i), new WebhookAnswer.Failed("-", Duration.ZERO), outcome, NOW))
              .isTrue();
          return true;
        });

    List<DeliveryState> expected = new ArrayList<>();
    List<DeliveryState> actual = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      expected.add(
          switch (i % 3) {
            case 0 -> DeliveryState.DELIVERED;
            case 1 -> DeliveryState.PENDING;
            default -> DeliveryState.DEAD;
          });
      ChatId chat = claimed.get(i).message().chat();
      actual.add(standings(chat, new EndpointId("many")).getFirst().state());
    }
    assertThat(actual).isEqualTo(expected);
    deliverAll(13);
  }

  /** Delivers everything that is pending, which must be that many. */
  private void deliverAll(int count) {
    Instant later = NOW.plus(Duration.ofDays(1));
    List<ClaimedDelivery> claimed = claim(100, later);
    assertThat(claimed).hasSize(count);
    for (ClaimedDelivery delivery : claimed) {
      assertThat(
              queue.settle(
                  delivery,
                  new WebhookAnswer.Answered(204, null, "", Duration.ZERO),
                  new DeliveryOutcome.Delivered(),
                  later))
          .isTrue();
    }
  }
}
