package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.EventLogContract;
import io.carechat.domain.feeds.InstanceEvents;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookRegistryContract;
import io.carechat.domain.webhooks.delivery.DeliveryQueries.Filter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contracts of the ports of delivery have in common. It has no tests of its own.
 *
 * <p>Other tests may have left deliveries and disabled endpoints in the store: each test begins by
 * giving up whatever is pending, and uses chats and endpoints of its own.
 */
public interface DeliveryContract {
  /** The time of the tests. */
  Instant NOW = Samples.NOON;

  /** What a claim is given where the test is not about leases. */
  Duration LEASE = Duration.ofSeconds(60);

  /** What a claim is given where the test is not about limits. */
  ClaimLimits NO_LIMITS = new ClaimLimits(Integer.MAX_VALUE, Duration.ZERO, List.of());

  /** Instances that the samples' own instance is not: another one, and one of another tenant. */
  List<TenantInstance> ELSEWHERE = List.of(Samples.OTHER_INSTANCE, Samples.OTHER_TENANT);

  /** The ports under test. Every call gives the same ones, and all work on the same store. */
  DeliveryPorts ports();

  /** Has the messages that are delivered. */
  MessageLog log();

  /** The events of that log. */
  EventLog events();

  /** The same events, read for one instance. */
  InstanceEvents instanceEvents();

  /** The ids of the endpoints of an instance that are disabled. */
  static List<EndpointId> disabled(EndpointStates states, TenantInstance instance) {
    return states.health(instance).entrySet().stream()
        .filter(entry -> entry.getValue().disabled() != null)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The id of an endpoint that no other test has. */
  static EndpointId newEndpoint() {
    return new EndpointId("e-" + Samples.newUuid());
  }

  /**
   * How a delivery stands.
   *
   * @param attempts how many were made
   */
  record Standing(
      DeliveryId id, EndpointId endpointId, ExternalId message, DeliveryState state, int attempts) {
    private static Standing of(Delivery delivery) {
      return new Standing(
          delivery.id(),
          delivery.endpointId(),
          delivery.message(),
          delivery.state(),
          delivery.attempts());
    }
  }

  /** How a planned delivery is expected to stand. */
  static Standing standing(NewDelivery delivery, DeliveryState state, int attempts) {
    return new Standing(
        delivery.id(), delivery.endpointId(), delivery.message().externalId(), state, attempts);
  }

  /** How the deliveries of a chat to an endpoint stand, in the order of the log. */
  default List<Standing> standings(ChatId chat, EndpointId endpointId) {
    return ports()
        .queries()
        .read(
            chat.instance(),
            endpointId,
            new Filter(null, chat.patient(), null, null),
            new Window.Newest<>(),
            1_000)
        .reversed()
        .stream()
        .map(Standing::of)
        .toList();
  }

  /** Ends what other tests have left pending, at a time when all their leases are over. */
  @BeforeEach
  default void leaveNothingPending() {
    Instant later = NOW.plus(Duration.ofDays(1_000));
    List<ClaimedDelivery> left = claim(later);
    while (!left.isEmpty()) {
      for (ClaimedDelivery delivery : left) {
        assertThat(settle(delivery, new DeliveryOutcome.GaveUp(), later)).isTrue();
      }
      left = claim(later);
    }
  }

  /** A delivery of a message that is newly stored. */
  default NewDelivery delivery(ChatId chat, EndpointId endpointId) {
    return delivery(Samples.stored(log(), chat, "text of " + Samples.newUuid()), endpointId);
  }

  /** A delivery of a stored message. */
  default NewDelivery delivery(Message message, EndpointId endpointId) {
    return new NewDelivery(
        new DeliveryId(Samples.newUuid()),
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
    assertThat(
            ports()
                .plans()
                .plan(ports().plans().plannedUpTo(), list.getLast().position(), list, due))
        .isTrue();
  }

  /** Stores a message and plans its delivery, due at {@link #NOW}. */
  default NewDelivery planned(ChatId chat, EndpointId endpointId) {
    NewDelivery delivery = delivery(chat, endpointId);
    plan(delivery);
    return delivery;
  }

  /** Everything that is due. */
  default List<ClaimedDelivery> claim(Instant now) {
    return ports().queue().claim(1_000, now, LEASE, NO_LIMITS);
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
    return ports().queue().settle(delivery, answer, outcome, now);
  }

  /** Disables an endpoint: it answers a delivery of a chat with 410, which then waits for it. */
  default NewDelivery refused(ChatId chat, EndpointId endpointId) {
    NewDelivery refused = planned(chat, endpointId);
    assertThat(settle(claimOne(NOW), new DeliveryOutcome.EndpointGone(), NOW)).isTrue();
    return refused;
  }

  /** Makes an endpoint by the API, and disables it as a partner does. */
  default WebhookEndpoint disabledByPartner(TenantInstance instance, EndpointId id) {
    WebhookEndpoint made = WebhookRegistryContract.endpoint(instance, id, NOW);
    assertThat(ports().registry().add(made, true, 1_000_000)).isTrue();
    WebhookEndpoint changed = WebhookRegistryContract.changed(made);
    assertThat(ports().registry().replace(changed, false)).isTrue();
    return changed;
  }

  /** Everything of an endpoint, newest first. */
  default List<DeliveryId> all(EndpointId endpoint, Filter filter) {
    return ports()
        .queries()
        .read(Samples.THIS_INSTANCE, endpoint, filter, new Window.Newest<>(), 1_000)
        .stream()
        .map(Delivery::id)
        .toList();
  }

  /** The health of an endpoint. */
  default EndpointHealth health(TenantInstance instance, EndpointId endpoint) {
    return ports().states().health(instance).getOrDefault(endpoint, EndpointHealth.GOOD);
  }

  /** A delivery of the samples' instance. */
  default Delivery find(NewDelivery delivery) {
    return ports()
        .queries()
        .find(Samples.THIS_INSTANCE, delivery.endpointId(), delivery.id())
        .orElseThrow();
  }

  /** Claims the only delivery that is due, and settles it. */
  default DeliveryId attempt(DeliveryOutcome outcome, Instant now) {
    ClaimedDelivery claimed = claimOne(now);
    assertThat(settle(claimed, outcome, now)).isTrue();
    return claimed.id();
  }

  /** Plans a delivery that is then given up. */
  default NewDelivery dead(ChatId chat, EndpointId endpoint) {
    NewDelivery delivery = planned(chat, endpoint);
    assertThat(attempt(new DeliveryOutcome.GaveUp(), NOW)).isEqualTo(delivery.id());
    return delivery;
  }

  /** Plans a delivery that is then delivered. */
  default NewDelivery delivered(ChatId chat, EndpointId endpoint) {
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
    while (ports().redeliveries().continueBatch(chats, NOW)) {
      steps++;
      assertThat(steps).isLessThan(1_000);
    }
  }
}
