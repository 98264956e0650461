package io.carechat.domain.webhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.messages.InMemoryMessageLog;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEndpoints;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * A node that delivers, without a database and a network: its log, its store, its endpoints, and a
 * receiver that answers as the test wants.
 */
abstract class DeliveryFixture {
  static final EndpointId CRM = new EndpointId("crm");
  static final EndpointId ARCHIVE = new EndpointId("archive");
  static final EndpointId MADE_BY_API = EndpointId.ofApi(new UUID(1, 2));
  static final Duration TOOK = Duration.ofMillis(20);

  final ManualClock clock = new ManualClock(Samples.NOON);
  final InMemoryMessageLog log = new InMemoryMessageLog(clock);
  final InMemoryDeliveryStore store = new InMemoryDeliveryStore();
  final List<WebhookEndpoint> configured = new CopyOnWriteArrayList<>();
  final List<Call> calls = new ArrayList<>();

  /** What the receiver answers; at first it accepts everything. */
  Function<Call, WebhookAnswer> receiver = call -> status(204);

  /** A call that the receiver got. */
  record Call(EndpointId endpointId, DeliveryId id, Message message, URI patientUrl) {
    String text() {
      return message.text().value();
    }
  }

  final WebhookEndpoints endpoints =
      new WebhookEndpoints() {
        @Override
        public void refresh() {
          // It is always up to date.
        }

        @Override
        public List<WebhookEndpoint> of(TenantInstance instance) {
          return configured.stream()
              .filter(endpoint -> endpoint.instance().equals(instance))
              .toList();
        }

        @Override
        public Optional<WebhookEndpoint> find(TenantInstance instance, EndpointId id) {
          return of(instance).stream().filter(endpoint -> endpoint.id().equals(id)).findFirst();
        }
      };

  final DeliveryPlanner planner = planner(log, endpoints);
  final WebhookDispatcher dispatcher = dispatcher(store);
  final DeliveryMaintenance maintenance = new DeliveryMaintenance(store, store, store, clock);

  final DeliveryPlanner planner(EventLog events, WebhookEndpoints known) {
    return new DeliveryPlanner(
        events,
        store,
        known,
        chat -> URI.create("https://chat.example/" + chat),
        new TimeOrderedIds(clock, new Random(1)),
        clock);
  }

  final DeliveryPlanner planner(EventLog events) {
    return planner(events, endpoints);
  }

  final WebhookDispatcher dispatcher(DeliveryQueue queue, WebhookEndpoints known) {
    return new WebhookDispatcher(
        queue, known, this::call, new RetryPolicy(RetryPolicy.DEFAULT_WAITS, new Random(1)), clock);
  }

  final WebhookDispatcher dispatcher(DeliveryQueue queue) {
    return dispatcher(queue, endpoints);
  }

  private WebhookAnswer call(WebhookEndpoint endpoint, ClaimedDelivery delivery) {
    assertThat(endpoint.id()).isEqualTo(delivery.endpointId());
    assertThat(endpoint.instance()).isEqualTo(delivery.event().instance());
    var call = new Call(endpoint.id(), delivery.id(), delivery.message(), delivery.patientUrl());
    calls.add(call);
    return receiver.apply(call);
  }

  static WebhookAnswer status(int status) {
    return new WebhookAnswer.Answered(status, null, "", TOOK);
  }

  final WebhookEndpoint configure(TenantInstance instance, EndpointId id) {
    var endpoint =
        new WebhookEndpoint(
            instance,
            id,
            URI.create("https://partner.example/" + id),
            new Secret("key"),
            new Secret("secret"),
            List.of(new Secret(Base64.getEncoder().encodeToString(new byte[32]))));
    configured.add(endpoint);
    return endpoint;
  }

  final void send(ChatId chat, String text) {
    Samples.stored(log, chat, text);
  }

  /** Plans what is new and delivers what is due, until there is nothing left to do now. */
  final void run() {
    while (planner.plan() > 0) {
      // Until the end of the log.
    }
    List<ClaimedDelivery> claimed = dispatcher.claim(10);
    while (!claimed.isEmpty()) {
      claimed.forEach(dispatcher::deliver);
      claimed = dispatcher.claim(10);
    }
  }

  /** The texts of all calls, in their order. */
  final List<String> texts() {
    return calls.stream().map(Call::text).toList();
  }

  /** The deliveries of a chat to an endpoint, in the order of the log. */
  final List<Delivery> deliveries(ChatId chat, EndpointId endpoint) {
    var ofChat = new DeliveryQueries.Filter(null, chat.patient(), null, null);
    return store.read(chat.instance(), endpoint, ofChat, new Window.Newest<>(), 10_000).reversed();
  }

  final List<DeliveryState> states(ChatId chat, EndpointId endpoint) {
    return deliveries(chat, endpoint).stream().map(Delivery::state).toList();
  }
}
