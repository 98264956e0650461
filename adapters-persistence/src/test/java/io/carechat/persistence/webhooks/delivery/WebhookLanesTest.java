package io.carechat.persistence.webhooks.delivery;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.MessageLogContract;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryOutcome;
import io.carechat.domain.webhooks.delivery.DeliveryStore;
import io.carechat.domain.webhooks.delivery.DeliveryStoreContract;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.persistence.PostgresStorage;
import io.carechat.persistence.TestDatabase;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the ledger keeps in its tables beyond what its port tells. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebhookLanesTest {
  private static final Instant NOW = Samples.NOON;
  private static final Duration LEASE = Duration.ofSeconds(60);
  private static final WebhookAnswer GONE =
      new WebhookAnswer.Answered(410, null, "", Duration.ZERO);

  private final TestDatabase database;
  private final PostgresStorage storage;
  private final DeliveryStore ledger;

  WebhookLanesTest() throws SQLException {
    database = TestDatabase.create();
    storage = PostgresStorage.open(database.settings(), new ManualClock(NOW), () -> {});
    ledger = storage.webhookLedger();
  }

  @AfterAll
  void close() {
    storage.close();
  }

  /** Those that have pending deliveries are those that have a lane. */
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

  private NewDelivery delivery(ChatId chat, String endpoint) {
    Message message = Samples.stored(storage.messages(), chat, "text");
    LogPosition position = EventLogContract.positionOf(storage.events(), message);
    return new NewDelivery(
        new DeliveryId(UUID.randomUUID()),
        endpoint,
        position,
        new ChatEvent.MessageSent(message),
        URI.create("https://chat.example/"));
  }

  private void plan(NewDelivery delivery) {
    assertThat(ledger.plan(ledger.plannedUpTo(), delivery.position(), List.of(delivery), NOW))
        .isTrue();
  }

  @Test
  void recordsEveryAttemptWithWhatTheEndpointSaid() throws SQLException {
    ChatId chat = Samples.newChat();
    plan(delivery(chat, "attempts"));
    ClaimedDelivery first = ledger.claim(1, NOW, LEASE).getFirst();
    ledger.settle(
        first,
        new WebhookAnswer.Answered(503, null, "\0 down \uD800", Duration.ofMillis(12)),
        new DeliveryOutcome.RetryAt(NOW.plusSeconds(5)),
        NOW);
    ClaimedDelivery second = ledger.claim(1, NOW.plusSeconds(5), LEASE).getFirst();
    ledger.settle(
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
    plan(delivery(chat, "gone"));
    ClaimedDelivery claimed = ledger.claim(1, NOW, LEASE).getFirst();
    plan(delivery(other, "gone"));
    ledger.settle(claimed, GONE, new DeliveryOutcome.EndpointGone(), NOW);
    plan(delivery(Samples.newChat(), "gone"));

    assertThat(
            database.number(
                "select count(*) from carechat.webhook_lane"
                    + " where endpoint_id = 'gone' and due_at = 'infinity' and claim is null"))
        .isEqualTo(3);
    assertThat(ledger.enable(chat.instance(), "gone")).isTrue();
    deliverAll(3);
  }

  /**
   * Many calls of an endpoint were under way when it went, and all say so: none waits for another.
   */
  @Test
  void bearsThatAnEndpointIsGoneForManyChatsAtOnce() throws Exception {
    for (int round = 0; round < 10; round++) {
      String endpoint = "gone-" + round;
      for (int i = 0; i < 16; i++) {
        plan(delivery(Samples.newChat(), endpoint));
      }
      var claimed = new ConcurrentLinkedQueue<>(ledger.claim(16, NOW, LEASE));
      assertThat(claimed).hasSize(16);

      List<Boolean> settled =
          MessageLogContract.atOnce(
              16,
              () -> ledger.settle(claimed.remove(), GONE, new DeliveryOutcome.EndpointGone(), NOW));

      assertThat(settled).hasSize(16).doesNotContain(false);
      assertThat(DeliveryStoreContract.disabled(ledger, Samples.PLACE)).contains(endpoint);
    }
  }

  /** What waits is more than one transaction may take: it is done in lots. */
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
            .formatted(Samples.PLACE.tenantName(), Samples.PLACE.instanceName(), lanes));

    assertThat(ledger.disable(Samples.PLACE, "crowded")).isTrue();
    assertThat(database.number(held)).isEqualTo(1_000);
    // Whether or not they are held back yet.
    assertThat(ledger.claim(10, NOW, LEASE)).isEmpty();
    goOn();
    assertThat(database.number(held)).isEqualTo(lanes);

    assertThat(ledger.enable(Samples.PLACE, "crowded")).isTrue();
    assertThat(database.number(held)).isEqualTo(lanes - 1_000);
    // It is disabled again before all have gone on.
    assertThat(ledger.disable(Samples.PLACE, "crowded")).isTrue();
    goOn();
    assertThat(database.number(held)).isEqualTo(lanes);
    ledger.enable(Samples.PLACE, "crowded");
    goOn();
    assertThat(database.number(held)).isZero();
    database.execute("delete from carechat.webhook_lane where endpoint_id = 'crowded'");
  }

  private void goOn() {
    while (ledger.continueRedeliveries(10, NOW)) {
      // Lot by lot.
    }
  }

  @Test
  void leavesAloneALaneThatComesBackFromAWorkerAfterItsEndpointWasDisabled() {
    plan(delivery(Samples.newChat(), "going"));
    plan(delivery(Samples.newChat(), "going"));
    List<ClaimedDelivery> claimed = ledger.claim(2, NOW, LEASE);
    ledger.settle(claimed.get(0), GONE, new DeliveryOutcome.EndpointGone(), NOW);

    assertThat(
            ledger.settle(
                claimed.get(1),
                new WebhookAnswer.Failed("reset", Duration.ZERO),
                new DeliveryOutcome.RetryAt(NOW.plusSeconds(5)),
                NOW))
        .isTrue();

    assertThat(ledger.claim(10, NOW.plusSeconds(100), LEASE)).isEmpty();
    assertThat(ledger.enable(Samples.PLACE, "going")).isTrue();
    deliverAll(2);
  }

  @Test
  void losesNoLaneWhenAnEndpointIsEnabledWhileOthersPlanForIt() throws Exception {
    for (int round = 0; round < 20; round++) {
      String endpoint = "enabled-" + round;
      plan(delivery(Samples.newChat(), endpoint));
      ClaimedDelivery claimed = ledger.claim(1, NOW, LEASE).getFirst();
      ledger.settle(claimed, GONE, new DeliveryOutcome.EndpointGone(), NOW);
      NewDelivery next = delivery(Samples.newChat(), endpoint);
      var turn = new AtomicInteger();

      List<Boolean> done =
          MessageLogContract.atOnce(
              2,
              () -> {
                if (turn.getAndIncrement() == 0) {
                  return ledger.enable(Samples.PLACE, endpoint);
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
      deliveries.add(delivery(Samples.newChat(), "many"));
    }
    deliveries.forEach(this::plan);
    List<ClaimedDelivery> claimed = ledger.claim(100, NOW, LEASE);
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
                  ledger.settle(
                      claimed.get(i), new WebhookAnswer.Failed("-", Duration.ZERO), outcome, NOW))
              .isTrue();
          return true;
        });

    List<DeliveryStore.State> expected = new ArrayList<>();
    List<DeliveryStore.State> actual = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      expected.add(
          switch (i % 3) {
            case 0 -> DeliveryStore.State.DELIVERED;
            case 1 -> DeliveryStore.State.PENDING;
            default -> DeliveryStore.State.DEAD;
          });
      actual.add(ledger.ofChat(claimed.get(i).message().chat()).getFirst().state());
    }
    assertThat(actual).isEqualTo(expected);
    deliverAll(13);
  }

  /** Delivers everything that is pending, which must be that many. */
  private void deliverAll(int count) {
    Instant later = NOW.plus(Duration.ofDays(1));
    List<ClaimedDelivery> claimed = ledger.claim(100, later, LEASE);
    assertThat(claimed).hasSize(count);
    for (ClaimedDelivery delivery : claimed) {
      assertThat(
              ledger.settle(
                  delivery,
                  new WebhookAnswer.Answered(204, null, "", Duration.ZERO),
                  new DeliveryOutcome.Delivered(),
                  later))
          .isTrue();
    }
  }
}
