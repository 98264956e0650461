package io.carechat.domain.webhooks.delivery;

import static io.carechat.domain.chat.Samples.newChat;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.newEndpoint;
import static io.carechat.domain.webhooks.delivery.DeliveryContract.standing;
import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link EndpointStates} does, together with the registry of its endpoints. */
public interface EndpointStatesContract extends DeliveryContract {
  // --- disabled and enabled endpoints

  @Test
  default void disablesAnEndpointThatIsGoneAndKeepsWhatWaitsForIt() {
    ChatId chat = newChat();
    ChatId other = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery refused = refused(chat, endpoint);

    NewDelivery later = planned(chat, endpoint);
    NewDelivery ofOtherChat = planned(other, endpoint);

    assertThat(DeliveryContract.disabled(ports().states(), chat.instance())).contains(endpoint);
    assertThat(claim(NOW.plus(Duration.ofDays(10)))).isEmpty();
    assertThat(standings(chat, endpoint))
        .containsExactly(
            standing(refused, DeliveryState.PENDING, 1), standing(later, DeliveryState.PENDING, 0));
    assertThat(standings(other, endpoint))
        .containsExactly(standing(ofOtherChat, DeliveryState.PENDING, 0));
  }

  @Test
  default void disablesNoOtherEndpointAndNoneOfTheSameIdElsewhere() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    refused(chat, endpoint);
    ChatId inOtherInstance = Samples.chatIn(Samples.OTHER_INSTANCE);
    ChatId inOtherTenant = Samples.chatIn(Samples.OTHER_TENANT);

    NewDelivery toAnother = planned(chat, newEndpoint());
    NewDelivery ofOtherInstance = planned(inOtherInstance, endpoint);
    NewDelivery ofOtherTenant = planned(inOtherTenant, endpoint);

    assertThat(claimIds(NOW))
        .containsExactlyInAnyOrder(toAnother.id(), ofOtherInstance.id(), ofOtherTenant.id());
    assertThat(DeliveryContract.disabled(ports().states(), chat.instance()))
        .doesNotContain(toAnother.endpointId());
    assertThat(DeliveryContract.disabled(ports().states(), Samples.OTHER_INSTANCE))
        .doesNotContain(endpoint);
    assertThat(DeliveryContract.disabled(ports().states(), Samples.OTHER_TENANT))
        .doesNotContain(endpoint);
  }

  @Test
  default void settlesWhatWasUnderWayWhenTheEndpointWasDisabled() {
    ChatId chat = newChat();
    ChatId other = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery one = delivery(chat, endpoint);
    NewDelivery two = delivery(other, endpoint);
    plan(one, two);
    List<ClaimedDelivery> claimed = claim(NOW);

    assertThat(claimed).hasSize(2);
    for (ClaimedDelivery delivery : claimed) {
      assertThat(settle(delivery, new DeliveryOutcome.EndpointGone(), NOW)).isTrue();
    }

    assertThat(standings(chat, endpoint)).containsExactly(standing(one, DeliveryState.PENDING, 1));
    assertThat(standings(other, endpoint)).containsExactly(standing(two, DeliveryState.PENDING, 1));
    assertThat(DeliveryContract.disabled(ports().states(), chat.instance()))
        .containsOnlyOnce(endpoint);
  }

  @Test
  default void holdsBackPresentAndFutureDeliveriesOfADisabledEndpoint() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery waiting = planned(chat, endpoint);

    WebhookEndpoint disabled = disabledByPartner(chat.instance(), endpoint);
    EndpointHealth health = health(chat.instance(), endpoint);
    assertThat(ports().registry().replace(WebhookRegistryContract.changed(disabled), false))
        .isTrue();

    assertThat(health(chat.instance(), endpoint)).as("disabled again").isEqualTo(health);
    assertThat(health.disabled()).extracting(EndpointHealth.Disabled::reason).isNull();

    NewDelivery later = planned(chat, endpoint);
    assertThat(claim(NOW.plus(Duration.ofDays(10)))).isEmpty();
    assertThat(DeliveryContract.disabled(ports().states(), chat.instance()))
        .containsOnlyOnce(endpoint);
    assertThat(ports().states().enable(chat.instance(), endpoint)).isTrue();
    ClaimedDelivery first = claimOne(NOW);
    assertThat(first.id()).isEqualTo(waiting.id());
    assertThat(first.attempt()).isEqualTo(1);
    settle(first, new DeliveryOutcome.Delivered(), NOW);
    assertThat(claimIds(NOW)).containsExactly(later.id());
  }

  @Test
  default void holdsBackNothingOfAnotherEndpoint() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery own = planned(chat, endpoint);

    disabledByPartner(Samples.OTHER_INSTANCE, endpoint);
    disabledByPartner(Samples.OTHER_TENANT, endpoint);
    disabledByPartner(chat.instance(), newEndpoint());

    assertThat(DeliveryContract.disabled(ports().states(), chat.instance()))
        .doesNotContain(endpoint);
    assertThat(claimIds(NOW)).containsExactly(own.id());
  }

  @Test
  default void givesWhatWaitedInOrderOnceTheEndpointIsEnabled() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    NewDelivery refused = refused(chat, endpoint);
    NewDelivery later = planned(chat, endpoint);

    assertThat(ports().states().enable(chat.instance(), endpoint)).isTrue();

    assertThat(DeliveryContract.disabled(ports().states(), chat.instance()))
        .doesNotContain(endpoint);
    ClaimedDelivery again = claimOne(NOW);
    assertThat(again.id()).isEqualTo(refused.id());
    assertThat(again.attempt()).isEqualTo(2);
    settle(again, new DeliveryOutcome.Delivered(), NOW);
    assertThat(claimIds(NOW)).containsExactly(later.id());
  }

  @Test
  default void enablesOnlyWhatIsDisabled() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();

    assertThat(ports().states().enable(chat.instance(), endpoint)).isFalse();
    refused(chat, endpoint);
    assertThat(ports().states().enable(chat.instance(), endpoint)).isTrue();
    assertThat(ports().states().enable(chat.instance(), endpoint)).isFalse();
  }

  @Test
  default void enablesNothingForAnotherTenantOrInstance() {
    ChatId chat = newChat();
    EndpointId endpoint = newEndpoint();
    refused(chat, endpoint);

    assertThat(ports().states().enable(Samples.OTHER_INSTANCE, endpoint)).isFalse();
    assertThat(ports().states().enable(Samples.OTHER_TENANT, endpoint)).isFalse();
    assertThat(ports().states().enable(chat.instance(), newEndpoint())).isFalse();

    assertThat(DeliveryContract.disabled(ports().states(), chat.instance())).contains(endpoint);
    assertThat(claim(NOW)).isEmpty();
  }

  // --- failing endpoints

  /** For how long failures are tolerated here. */
  Duration TOLERATED = Duration.ofDays(5);

  /**
   * Also disables what other tests have left failing. It does so after giving up what they left
   * pending, since that counts as a failure.
   */
  @Override
  @BeforeEach
  default void leaveNothingPending() {
    DeliveryContract.super.leaveNothingPending();
    assertThat(ports().states().disableFailing(TOLERATED, NOW)).isNotNegative();
  }

  private void fail(Instant now) {
    attempt(new DeliveryOutcome.RetryAt(now.plusSeconds(60)), now);
  }

  private List<Event> eventsAfter(LogPosition position) {
    return instanceEvents().read(Samples.THIS_INSTANCE, position, 100).stream()
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
    Instant last = NOW.plus(TOLERATED);
    fail(last);
    Instant now = last.plusSeconds(10);

    assertThat(health(Samples.THIS_INSTANCE, planned.endpointId()))
        .isEqualTo(new EndpointHealth(NOW, null));
    assertThat(ports().states().disableFailing(TOLERATED, now)).isEqualTo(1);

    assertThat(DeliveryContract.disabled(ports().states(), Samples.THIS_INSTANCE))
        .contains(planned.endpointId());
    assertThat(health(Samples.THIS_INSTANCE, planned.endpointId()).disabled())
        .isEqualTo(new EndpointHealth.Disabled(InstanceEvent.Reason.FAILING, now));
    assertThat(claim(now.plus(Duration.ofDays(1)))).isEmpty();
    assertThat(eventually(() -> eventsAfter(before), 1))
        .containsExactly(
            new InstanceEvent.EndpointDisabled(
                Samples.THIS_INSTANCE, planned.endpointId(), InstanceEvent.Reason.FAILING, now));
    assertThat(ports().states().disableFailing(TOLERATED, now)).as("again").isZero();
    assertThat(eventsAfter(before)).hasSize(1);

    assertThat(ports().states().enable(Samples.THIS_INSTANCE, planned.endpointId())).isTrue();
    assertThat(health(Samples.THIS_INSTANCE, planned.endpointId())).isEqualTo(EndpointHealth.GOOD);
    assertThat(ports().states().disableFailing(TOLERATED, now)).as("after it was enabled").isZero();
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
                Samples.THIS_INSTANCE, planned.endpointId(), InstanceEvent.Reason.GONE, NOW));
    assertThat(health(Samples.THIS_INSTANCE, planned.endpointId()).disabled())
        .isEqualTo(new EndpointHealth.Disabled(InstanceEvent.Reason.GONE, NOW));
  }

  @Test
  default void toleratesFailuresThatAreCloserTogether() {
    planned(newChat(), newEndpoint());
    fail(NOW);
    fail(NOW.plus(TOLERATED).minusSeconds(61));

    assertThat(ports().states().disableFailing(TOLERATED, NOW.plus(TOLERATED.multipliedBy(2))))
        .isZero();
  }

  @Test
  default void forgetsFailuresWithASuccessOfAnyChat() {
    NewDelivery bad = planned(newChat(), newEndpoint());
    fail(NOW);
    delivered(newChat(), bad.endpointId());
    Instant last = NOW.plus(TOLERATED);
    fail(last);

    assertThat(health(Samples.THIS_INSTANCE, bad.endpointId()))
        .isEqualTo(new EndpointHealth(last, null));
    assertThat(ports().states().disableFailing(TOLERATED, last)).isZero();
  }

  @Test
  default void countsNoFailureOfAnEndpointThatIsUnknown() {
    NewDelivery planned = planned(newChat(), newEndpoint());
    attempt(new DeliveryOutcome.EndpointUnknown(), NOW);

    assertThat(find(planned).state()).isEqualTo(DeliveryState.DEAD);
    assertThat(health(Samples.THIS_INSTANCE, planned.endpointId())).isEqualTo(EndpointHealth.GOOD);
  }

  /** Other instances and tenants may have endpoints of the same id. */
  @Test
  default void countsTheFailuresOfEachInstanceSeparately() {
    EndpointId endpoint = newEndpoint();
    List<TenantInstance> others = Samples.strangersTo(Samples.THIS_INSTANCE);
    planned(newChat(), endpoint);
    fail(NOW);
    for (TenantInstance other : others) {
      planned(Samples.chatIn(other), endpoint);
      fail(NOW);
    }
    delivered(newChat(), endpoint);
    assertThat(health(Samples.THIS_INSTANCE, endpoint)).isEqualTo(EndpointHealth.GOOD);
    for (TenantInstance other : others) {
      assertThat(health(other, endpoint)).isEqualTo(new EndpointHealth(NOW, null));
    }

    Instant last = NOW.plus(TOLERATED);
    for (ClaimedDelivery again : claim(last)) {
      assertThat(
              settle(
                  again,
                  again.event().instance().equals(Samples.THIS_INSTANCE)
                      ? new DeliveryOutcome.Delivered()
                      : new DeliveryOutcome.RetryAt(last.plusSeconds(60)),
                  last))
          .isTrue();
    }
    assertThat(ports().states().disableFailing(TOLERATED, last)).isEqualTo(others.size());
    assertThat(DeliveryContract.disabled(ports().states(), Samples.THIS_INSTANCE))
        .doesNotContain(endpoint);
    for (TenantInstance other : others) {
      assertThat(DeliveryContract.disabled(ports().states(), other)).contains(endpoint);
    }
  }

  /** Reads until that many are there, because the log may withhold events for a moment. */
  private static <T> List<T> eventually(Supplier<List<T>> read, int size) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    List<T> got = read.get();
    while (got.size() < size && System.nanoTime() < deadline) {
      got = read.get();
    }
    return got;
  }
}
