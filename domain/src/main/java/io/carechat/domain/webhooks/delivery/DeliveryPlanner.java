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
 * Turns events of the log into deliveries. Work that is interrupted is repeated, but nothing is
 * planned twice. Safe for use by many threads and by several nodes.
 */
public final class DeliveryPlanner {
  private static final int EVENT_BATCH_SIZE = 500;

  /**
   * Once a batch of events has led to this many deliveries, the rest of the events is left to the
   * next batch.
   */
  private static final int MAX_PLANNED = 2_000;

  private final EventLog events;
  private final DeliveryPlans plans;
  private final WebhookEndpoints endpoints;
  private final PatientUrls patientUrls;
  private final TimeOrderedIds ids;
  private final InstantSource clock;

  /**
   * @param events the log
   * @param plans stores the deliveries
   * @param endpoints the endpoints to deliver to
   * @param patientUrls gives the web pages of chats
   * @param ids makes the ids of deliveries
   * @param clock a clock that all nodes share
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
   * Turns the next batch of events into deliveries.
   *
   * @return how many events were processed; 0 means that there are no more
   * @throws Unavailable if the log or the plans are unavailable; nothing is lost, and the caller
   *     may try again
   */
  public int plan() {
    LogPosition from = plans.plannedUpTo();
    List<LoggedEvent> next = events.read(from, EVENT_BATCH_SIZE);
    if (next.isEmpty()) {
      return 0;
    }
    // Refresh after reading the events. So every endpoint that existed before one of the events is
    // known.
    endpoints.refresh();
    var deliveries = new ArrayList<NewDelivery>();
    int planned = 0;
    while (planned < next.size() && deliveries.size() < MAX_PLANNED) {
      addDeliveries(next.get(planned++), deliveries);
    }
    LogPosition to = next.get(planned - 1).position();
    // If another node was faster, these events are planned already, and there is nothing left to
    // do.
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
      // This event is only for readers of the log. No endpoint gets it.
      case InstanceEvent.EndpointDisabled disabled -> {}
    }
  }
}
