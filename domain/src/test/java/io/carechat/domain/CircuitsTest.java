package io.carechat.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CircuitsTest {
  private static final Instant NOW = Samples.NOON;
  private static final Duration QUICK = Duration.ofMillis(20);
  private static final DeliveryOutcome FAILED = new DeliveryOutcome.RetryAt(NOW.plusSeconds(5));
  private static final DeliveryOutcome DELIVERED = new DeliveryOutcome.Delivered();

  private final Circuits circuits = new Circuits();
  private final ClaimedDelivery delivery = to(Samples.PLACE, "crm");

  private static ClaimedDelivery to(TenantInstance place, String endpoint) {
    ChatId chat = Samples.chatIn(place);
    var message =
        new Message(
            chat,
            new ExternalId(UUID.randomUUID()),
            new Sender.Patient(chat.patient()),
            new MessageText("text"),
            NOW);
    return new ClaimedDelivery(
        new DeliveryId(UUID.randomUUID()),
        endpoint,
        new ChatEvent.MessageSent(message),
        URI.create("https://chat.example/"),
        1,
        UUID.randomUUID());
  }

  private int room(Instant now) {
    return room(delivery, now);
  }

  private int room(ClaimedDelivery of, Instant now) {
    ClaimRoom room = circuits.room(now);
    return room.specials().stream()
        .filter(special -> special.endpointId().equals(of.endpointId()))
        .filter(special -> special.place().equals(of.message().chat().place()))
        .map(ClaimRoom.Special::lanes)
        .findFirst()
        .orElse(room.lanes());
  }

  private void attempt(@Nullable DeliveryOutcome outcome, Duration took, Instant now) {
    circuits.began(delivery, now);
    circuits.ended(delivery, outcome, took, now);
  }

  private void open(Instant now) {
    for (int i = 0; i < Circuits.FAILURES_TO_OPEN; i++) {
      attempt(FAILED, QUICK, now);
    }
  }

  @Test
  void beginsWithFewAndGivesMoreWithEachQuickSuccess() {
    assertThat(room(NOW)).isEqualTo(Circuits.FIRST);
    circuits.began(delivery, NOW);
    assertThat(room(NOW)).isEqualTo(Circuits.FIRST - 1);
    circuits.ended(delivery, DELIVERED, QUICK, NOW);
    assertThat(room(NOW)).isEqualTo(Circuits.FIRST + 1);
    for (int i = 0; i < 1_000; i++) {
      attempt(DELIVERED, QUICK, NOW);
    }
    assertThat(room(NOW)).isEqualTo(Circuits.MOST);
  }

  @Test
  void givesASlowEndpointFewer() {
    for (int i = 0; i < 1_000; i++) {
      attempt(DELIVERED, QUICK, NOW);
    }
    attempt(DELIVERED, Circuits.SLOW.plusMillis(1), NOW);

    assertThat(room(NOW)).isEqualTo(Circuits.MOST_SLOW);
  }

  @Test
  void givesNoMoreWhileNoneEnds() {
    attempt(DELIVERED, QUICK, NOW);
    circuits.began(delivery, NOW);

    assertThat(room(NOW.plus(Circuits.SLOW))).isEqualTo(Circuits.FIRST);
    Instant later = NOW.plus(Circuits.SLOW).plusMillis(1);
    assertThat(room(later)).isZero();
    circuits.ended(delivery, DELIVERED, QUICK, later);
    assertThat(room(later)).isPositive();
  }

  @Test
  void opensAfterFailuresInARowAndProbesOneAtATimeAtGrowingIntervals() {
    for (int i = 1; i < Circuits.FAILURES_TO_OPEN; i++) {
      attempt(FAILED, QUICK, NOW);
      assertThat(room(NOW)).isPositive();
    }
    attempt(FAILED, QUICK, NOW);
    assertThat(room(NOW)).isZero();

    Instant now = NOW;
    Duration interval = Circuits.FIRST_PROBE;
    for (int i = 0; i < 8; i++) {
      assertThat(room(now.plus(interval).minusMillis(1))).isZero();
      now = now.plus(interval);
      assertThat(room(now)).isEqualTo(1);
      circuits.began(delivery, now);
      assertThat(room(now)).as("while one is tried").isZero();
      circuits.ended(delivery, FAILED, QUICK, now);
      interval = interval.multipliedBy(2);
      if (interval.compareTo(Circuits.RAREST_PROBE) > 0) {
        interval = Circuits.RAREST_PROBE;
      }
    }
    assertThat(interval).isEqualTo(Circuits.RAREST_PROBE);
  }

  @Test
  void closesWithASuccess() {
    open(NOW);
    Instant probe = NOW.plus(Circuits.FIRST_PROBE);
    attempt(DELIVERED, QUICK, probe);

    assertThat(room(probe)).isEqualTo(Circuits.FIRST);
    attempt(FAILED, QUICK, probe);
    assertThat(room(probe)).as("one failure is none in a row").isPositive();
  }

  @Test
  void waitsNoLongerForFailuresThatWereUnderWayWhenItOpened() {
    circuits.began(delivery, NOW);
    circuits.began(delivery, NOW);
    open(NOW);
    circuits.ended(delivery, FAILED, QUICK, NOW);
    circuits.ended(delivery, FAILED, QUICK, NOW);

    assertThat(room(NOW.plus(Circuits.FIRST_PROBE))).isEqualTo(1);
  }

  @Test
  void saysNothingOfAnEndpointThatWasNotCalledOrIsOfAnotherInstance() {
    for (int i = 0; i < 20; i++) {
      attempt(new DeliveryOutcome.EndpointUnknown(), Duration.ZERO, NOW);
      attempt(null, Duration.ZERO, NOW);
    }
    assertThat(room(NOW)).isEqualTo(Circuits.FIRST);
    open(NOW);
    assertThat(room(to(Samples.OTHER_TENANT, "crm"), NOW)).isEqualTo(Circuits.FIRST);
    assertThat(room(to(Samples.PLACE, "archive"), NOW)).isEqualTo(Circuits.FIRST);
  }

  @Test
  void countsNothingThatWasClaimedAndNeverEnded() {
    circuits.began(delivery, NOW);
    circuits.began(delivery, NOW);

    assertThat(room(NOW.plus(WebhookDispatch.LEASE))).isZero();
    assertThat(room(NOW.plus(WebhookDispatch.LEASE).plusMillis(1))).isEqualTo(Circuits.FIRST);
  }

  @Test
  void forgetsEndpointsThatHaveNothingToDo() {
    attempt(DELIVERED, QUICK, NOW);
    assertThat(circuits.room(NOW).specials()).hasSize(1);
    assertThat(circuits.room(NOW.plus(Duration.ofMinutes(2))).specials()).isEmpty();
    open(NOW);
    assertThat(circuits.room(NOW.plus(Duration.ofMinutes(2))).specials()).hasSize(1);
  }
}
