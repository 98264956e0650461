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

  /** How long one lane is gone on with before it stands in line again. */
  private static final Duration MOMENT = Duration.ofMillis(250);

  private static final int PLAN_LOT = 500;

  /** When a lot of events has led to so many deliveries, the rest waits for the next lot. */
  private static final int ENOUGH_PLANNED = 2_000;

  private static final int REDELIVERY_LOT = 100;
  private static final int FORGET_LOT = 1_000;

  private final EventLog events;
  private final WebhookLedger ledger;
  private final WebhookEndpoints endpoints;
  private final WebhookSender sender;
  private final RetrySchedule schedule;
  private final PatientUrls patientUrls;
  private final TimeOrderedIds ids;
  private final InstantSource clock;
  private final Circuits circuits = new Circuits();

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
   * @return how many events were planned; 0 means that all have been
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
    int planned = 0;
    while (planned < next.size() && deliveries.size() < ENOUGH_PLANNED) {
      LoggedEvent logged = next.get(planned++);
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
    LogPosition to = next.get(planned - 1).position();
    boolean _ = ledger.plan(from, to, deliveries, clock.instant());
    return planned;
  }

  /**
   * Takes up to {@code limit} deliveries that are due; each must then be given to {@link #deliver}.
   * Of an endpoint that is slow or fails few are taken at once, and of one that keeps failing one
   * at a time, so that it keeps nobody else waiting. What is held back by that loses no attempt.
   */
  public List<ClaimedDelivery> claim(int limit) {
    Instant now = clock.instant();
    List<ClaimedDelivery> claimed = ledger.claim(limit, now, LEASE, circuits.room(now));
    claimed.forEach(delivery -> circuits.began(delivery, now));
    return claimed;
  }

  /**
   * Attempts a delivery, and settles it; and goes on with those that follow it in its lane, as long
   * as each succeeds, for a moment: after that it is the turn of other lanes.
   */
  public void deliver(ClaimedDelivery first) {
    Instant begun = clock.instant();
    Optional<ClaimedDelivery> next = Optional.of(first);
    while (next.isPresent()) {
      next = deliver(next.get(), begun.plus(MOMENT));
      next.ifPresent(delivery -> circuits.began(delivery, clock.instant()));
    }
  }

  /**
   * One to an endpoint that was deleted is given up. One to an endpoint that this node's
   * configuration does not have counts as a failed attempt: another node's may have it, before all
   * are restarted with the same one.
   *
   * @return the next of the lane, if there is one to go on with before that time
   */
  private Optional<ClaimedDelivery> deliver(ClaimedDelivery delivery, Instant until) {
    WebhookAnswer answer = null;
    DeliveryOutcome outcome = null;
    try {
      Optional<WebhookEndpoint> endpoint = endpoint(delivery);
      if (endpoint.isPresent()) {
        answer = sender.send(endpoint.get(), delivery);
        outcome = schedule.after(delivery.attempt(), answer, clock.instant());
      } else if (WebhookEndpoint.isIdOfApi(delivery.endpointId())) {
        answer = new WebhookAnswer.Failed("the endpoint was deleted", Duration.ZERO);
        outcome = new DeliveryOutcome.EndpointUnknown();
      } else {
        answer = new WebhookAnswer.Failed("the endpoint is not configured", Duration.ZERO);
        outcome = schedule.after(delivery.attempt(), answer, clock.instant());
      }
    } finally {
      Duration took = answer == null ? Duration.ZERO : answer.took();
      circuits.ended(delivery, outcome, took, clock.instant());
    }
    Instant now = clock.instant();
    if (outcome instanceof DeliveryOutcome.Delivered && now.isBefore(until)) {
      return ledger.settleAndGoOn(delivery, answer, now, LEASE);
    }
    // A claim that ran out was taken by another, which settles it.
    boolean _ = ledger.settle(delivery, answer, outcome, now);
    return Optional.empty();
  }

  /** Another node may have made it a moment ago: only who has looked again can say it is gone. */
  private Optional<WebhookEndpoint> endpoint(ClaimedDelivery delivery) {
    TenantInstance place = delivery.message().chat().place();
    return endpoints
        .find(place, delivery.endpointId())
        .or(() -> {
          endpoints.refresh();
          return endpoints.find(place, delivery.endpointId());
        });
  }

  /**
   * Goes on with redeliveries that were asked for, and with the lanes of endpoints that were
   * disabled or enabled.
   *
   * @return whether there may be more to do
   */
  public boolean redeliver() {
    return ledger.continueRedeliveries(REDELIVERY_LOT, clock.instant());
  }

  /**
   * Disables endpoints that fail for longer than is borne.
   *
   * @param patience how long that is
   */
  public void disableFailing(Duration patience) {
    int _ = ledger.disableFailing(patience, clock.instant());
  }

  /**
   * Forgets some of what was delivered longer ago than a time.
   *
   * @return whether there may be more to forget
   */
  public boolean forgetDelivered(Duration age) {
    return ledger.forgetDelivered(clock.instant().minus(age), FORGET_LOT) == FORGET_LOT;
  }
}
