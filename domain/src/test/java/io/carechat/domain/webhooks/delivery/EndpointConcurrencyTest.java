package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Sender;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.webhooks.DeliveryId;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class EndpointConcurrencyTest {
  private static final Instant NOW = Samples.NOON;
  private static final Duration QUICK = Duration.ofMillis(20);
  private static final DeliveryOutcome FAILED = new DeliveryOutcome.RetryAt(NOW.plusSeconds(5));
  private static final DeliveryOutcome DELIVERED = new DeliveryOutcome.Delivered();

  private final EndpointConcurrency concurrency = new EndpointConcurrency();
  private final ClaimedDelivery delivery = to(Samples.THIS_INSTANCE, "crm");

  private static ClaimedDelivery to(TenantInstance instance, String endpoint) {
    ChatId chat = Samples.chatIn(instance);
    var message =
        new Message(
            chat,
            new ExternalId(Samples.newUuid()),
            new Sender.Patient(chat.patient()),
            new MessageText("text"),
            NOW);
    return new ClaimedDelivery(
        new DeliveryId(Samples.newUuid()),
        new EndpointId(endpoint),
        new ChatEvent.MessageSent(message),
        URI.create("https://chat.example/"),
        1,
        Samples.newUuid());
  }

  private int available(Instant now) {
    return available(delivery, now);
  }

  private int available(ClaimedDelivery of, Instant now) {
    ClaimLimits limits = concurrency.limits(now);
    return limits.exceptions().stream()
        .filter(exception -> exception.endpointId().equals(of.endpointId()))
        .filter(exception -> exception.instance().equals(of.message().chat().instance()))
        .map(ClaimLimits.OfEndpoint::lanes)
        .findFirst()
        .orElse(limits.lanes());
  }

  private void attempt(@Nullable DeliveryOutcome outcome, Duration took, Instant now) {
    concurrency.began(delivery, now);
    concurrency.ended(delivery, outcome, took, now);
  }

  private void open(Instant now) {
    for (int i = 0; i < EndpointConcurrency.FAILURES_TO_OPEN; i++) {
      attempt(FAILED, QUICK, now);
    }
  }

  @Test
  void startsWithFewAndAllowsMoreWithEachQuickSuccess() {
    assertThat(available(NOW)).isEqualTo(EndpointConcurrency.INITIAL);
    concurrency.began(delivery, NOW);
    assertThat(available(NOW)).isEqualTo(EndpointConcurrency.INITIAL - 1);
    concurrency.ended(delivery, DELIVERED, QUICK, NOW);
    assertThat(available(NOW)).isEqualTo(EndpointConcurrency.INITIAL + 1);
    for (int i = 0; i < 1_000; i++) {
      attempt(DELIVERED, QUICK, NOW);
    }
    assertThat(available(NOW)).isEqualTo(EndpointConcurrency.MAX);
  }

  @Test
  void allowsASlowEndpointFewer() {
    for (int i = 0; i < 1_000; i++) {
      attempt(DELIVERED, QUICK, NOW);
    }
    attempt(DELIVERED, EndpointConcurrency.SLOW.plusMillis(1), NOW);

    assertThat(available(NOW)).isEqualTo(EndpointConcurrency.MAX_SLOW);
  }

  @Test
  void allowsNoMoreWhileNoneEnds() {
    attempt(DELIVERED, QUICK, NOW);
    concurrency.began(delivery, NOW);

    assertThat(available(NOW.plus(EndpointConcurrency.SLOW)))
        .isEqualTo(EndpointConcurrency.INITIAL);
    Instant later = NOW.plus(EndpointConcurrency.SLOW).plusMillis(1);
    assertThat(available(later)).isZero();
    concurrency.ended(delivery, DELIVERED, QUICK, later);
    assertThat(available(later)).isPositive();
  }

  @Test
  void opensAfterFailuresInARowAndProbesOneAtATimeAtGrowingIntervals() {
    for (int i = 1; i < EndpointConcurrency.FAILURES_TO_OPEN; i++) {
      attempt(FAILED, QUICK, NOW);
      assertThat(available(NOW)).isPositive();
    }
    attempt(FAILED, QUICK, NOW);
    assertThat(available(NOW)).isZero();

    Instant now = NOW;
    Duration interval = EndpointConcurrency.FIRST_PROBE;
    for (int i = 0; i < 8; i++) {
      assertThat(available(now.plus(interval).minusMillis(1))).isZero();
      now = now.plus(interval);
      assertThat(available(now)).isEqualTo(1);
      concurrency.began(delivery, now);
      assertThat(available(now)).as("while a probe is under way").isZero();
      concurrency.ended(delivery, FAILED, QUICK, now);
      interval = interval.multipliedBy(2);
      if (interval.compareTo(EndpointConcurrency.SLOWEST_PROBE) > 0) {
        interval = EndpointConcurrency.SLOWEST_PROBE;
      }
    }
    assertThat(interval).isEqualTo(EndpointConcurrency.SLOWEST_PROBE);
  }

  @Test
  void closesWithASuccess() {
    open(NOW);
    Instant probe = NOW.plus(EndpointConcurrency.FIRST_PROBE);
    attempt(DELIVERED, QUICK, probe);

    assertThat(available(probe)).isEqualTo(EndpointConcurrency.INITIAL);
    attempt(FAILED, QUICK, probe);
    assertThat(available(probe)).as("after one more failure").isPositive();
  }

  @Test
  void doesNotWaitLongerForFailuresThatWereUnderWayWhenItOpened() {
    concurrency.began(delivery, NOW);
    concurrency.began(delivery, NOW);
    open(NOW);
    concurrency.ended(delivery, FAILED, QUICK, NOW);
    concurrency.ended(delivery, FAILED, QUICK, NOW);

    assertThat(available(NOW.plus(EndpointConcurrency.FIRST_PROBE))).isEqualTo(1);
  }

  @Test
  void learnsNothingFromAnEndpointThatWasNotCalledOrIsInAnotherInstance() {
    for (int i = 0; i < 20; i++) {
      attempt(new DeliveryOutcome.EndpointUnknown(), Duration.ZERO, NOW);
      attempt(null, Duration.ZERO, NOW);
    }
    assertThat(available(NOW)).isEqualTo(EndpointConcurrency.INITIAL);
    open(NOW);
    assertThat(available(to(Samples.OTHER_TENANT, "crm"), NOW))
        .isEqualTo(EndpointConcurrency.INITIAL);
    assertThat(available(to(Samples.THIS_INSTANCE, "archive"), NOW))
        .isEqualTo(EndpointConcurrency.INITIAL);
  }

  @Test
  void countsNothingThatWasClaimedAndNeverEnded() {
    concurrency.began(delivery, NOW);
    concurrency.began(delivery, NOW);

    assertThat(available(NOW.plus(WebhookDispatcher.LEASE))).isZero();
    assertThat(available(NOW.plus(WebhookDispatcher.LEASE).plusMillis(1)))
        .isEqualTo(EndpointConcurrency.INITIAL);
  }

  @Test
  void forgetsEndpointsThatHaveNothingToDo() {
    attempt(DELIVERED, QUICK, NOW);
    assertThat(concurrency.limits(NOW).exceptions()).hasSize(1);
    assertThat(concurrency.limits(NOW.plus(Duration.ofMinutes(2))).exceptions()).isEmpty();
    open(NOW);
    assertThat(concurrency.limits(NOW.plus(Duration.ofMinutes(2))).exceptions()).hasSize(1);
  }
}
