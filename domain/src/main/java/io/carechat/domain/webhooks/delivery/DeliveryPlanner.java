package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TimeOrderedIds;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.PatientUrls;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEndpoints;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the event log into deliveries. What is interrupted is done again, and nothing is planned
 * twice. Safe for use by many threads and by several nodes.
 */
public final class DeliveryPlanner {
  private static final int EVENTS = 500;

  /** When a batch of events has led to so many deliveries, the rest waits for the next batch. */
  private static final int ENOUGH_PLANNED = 2_000;

  private final EventLog events;
  private final DeliveryPlans plans;
  private final WebhookEndpoints endpoints;
  private final PatientUrls patientUrls;
  private final TimeOrderedIds ids;
  private final InstantSource clock;

  /**
   * @param clock shared by all nodes
   */
  public DeliveryPlanner(
      EventLog events,
      DeliveryPlans plans,
      WebhookEndpoints endpoints,
      PatientUrls patientUrls,
      TimeOrderedIds ids,
      InstantSource clock) {
    this.events = events;
    this.plans = plans;
    this.endpoints = endpoints;
    this.patientUrls = patientUrls;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * Turns the next events into deliveries.
   *
   * @return how many events were planned; 0 means that all have been
   * @throws Unavailable if the log or the plans cannot be reached; nothing is lost by it
   */
  public int plan() {
    LogPosition from = plans.plannedUpTo();
    List<LoggedEvent> next = events.read(from, EVENTS);
    if (next.isEmpty()) {
      return 0;
    }
    // After the events were read: an endpoint that was there before any of them is not missed.
    endpoints.refresh();
    var deliveries = new ArrayList<NewDelivery>();
    int planned = 0;
    while (planned < next.size() && deliveries.size() < ENOUGH_PLANNED) {
      addDeliveries(next.get(planned++), deliveries);
    }
    LogPosition to = next.get(planned - 1).position();
    // If another node was faster, these events are planned, which is all that was wanted.
    boolean _ = plans.plan(from, to, deliveries, clock.instant());
    return planned;
  }

  private void addDeliveries(LoggedEvent logged, List<NewDelivery> deliveries) {
    switch (logged.event()) {
      case ChatEvent event -> {
        ChatId chat = event.chat();
        for (WebhookEndpoint endpoint : endpoints.of(chat.instance())) {
          if (endpoint.takes(logged.position(), event)) {
            deliveries.add(
                new NewDelivery(
                    new DeliveryId(ids.next()),
                    endpoint.id(),
                    logged.position(),
                    event,
                    patientUrls.of(chat)));
          }
        }
      }
      // It is for readers of the log; no endpoint is called for it.
      case InstanceEvent.EndpointDisabled disabled -> {}
    }
  }
}
