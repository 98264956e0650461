package io.carechat.domain;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gets events to endpoints in three steps that fail apart: {@link #plan} turns the log into
 * deliveries, {@link #claim} takes those that are due, {@link #deliver} calls the endpoint and
 * settles. Whatever is interrupted is done again, so a delivery is made at least once. Safe for use
 * by many threads and by several nodes. Every method may throw {@link Unavailable}.
 */
public final class WebhookDispatch {
  /**
   * Longer than {@link WebhookSender#send} and the settling can take, and short enough that what a
   * killed node had in hand is delivered half a minute later.
   */
  static final Duration LEASE = Duration.ofSeconds(25);

  private static final int PLAN_LOT = 500;

  private final EventLog events;
  private final WebhookLedger ledger;
  private final WebhookEndpoints endpoints;
  private final WebhookSender sender;
  private final RetrySchedule schedule;
  private final PatientUrls patientUrls;
  private final TimeOrderedIds ids;
  private final InstantSource clock;

  /** Where a patient's page is. */
  @FunctionalInterface
  public interface PatientUrls {
    URI of(ChatId chat);
  }

  public WebhookDispatch(
      EventLog events,
      WebhookLedger ledger,
      WebhookEndpoints endpoints,
      WebhookSender sender,
      RetrySchedule schedule,
      PatientUrls patientUrls,
      TimeOrderedIds ids,
      InstantSource clock) {
    this.events = events;
    this.ledger = ledger;
    this.endpoints = endpoints;
    this.sender = sender;
    this.schedule = schedule;
    this.patientUrls = patientUrls;
    this.ids = ids;
    this.clock = clock;
  }

  /**
   * Turns the next events into deliveries.
   *
   * @return how many events there were; 0 means that all have been planned
   */
  public int plan() {
    LogPosition from = ledger.plannedUpTo();
    List<LoggedEvent> next = events.read(from, PLAN_LOT);
    if (next.isEmpty()) {
      return 0;
    }
    // After the events were read: an endpoint that was there before any of them is not missed.
    endpoints.refresh();
    var deliveries = new ArrayList<NewDelivery>();
    for (LoggedEvent logged : next) {
      switch (logged.event()) {
        case ChatEvent event -> {
          ChatId chat = event.chat();
          for (WebhookEndpoint endpoint : endpoints.of(chat.place())) {
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
        // For whoever reads the log; nobody is called for it.
        case InstanceEvent.EndpointDisabled disabled -> {}
      }
    }
    // Another node may have been faster; then these events are planned, which is all that was
    // wanted.
    boolean _ = ledger.plan(from, next.getLast().position(), deliveries, clock.instant());
    return next.size();
  }

  /**
   * Takes up to {@code limit} deliveries that are due; each must then be given to {@link #deliver}.
   */
  public List<ClaimedDelivery> claim(int limit) {
    return ledger.claim(limit, clock.instant(), LEASE);
  }

  /** Attempts a delivery, and settles it. */
  public DeliveryOutcome deliver(ClaimedDelivery delivery) {
    Optional<WebhookEndpoint> endpoint =
        endpoints.find(delivery.message().chat().place(), delivery.endpointId());
    WebhookAnswer answer;
    DeliveryOutcome outcome;
    if (endpoint.isPresent()) {
      answer = sender.send(endpoint.get(), delivery);
      outcome = schedule.after(delivery.attempt(), answer, clock.instant());
    } else {
      answer = new WebhookAnswer.Failed("The endpoint is no longer configured.", Duration.ZERO);
      outcome = new DeliveryOutcome.GaveUp();
    }
    Instant now = clock.instant();
    // A claim that ran out was taken by another, which settles it.
    boolean _ = ledger.settle(delivery, answer, outcome, now);
    return outcome;
  }
}
