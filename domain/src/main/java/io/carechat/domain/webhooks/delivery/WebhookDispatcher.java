package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookEndpoints;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the deliveries that are due, in two steps that fail apart: {@link #claim} takes them, and
 * {@link #deliver} calls the endpoint and settles. What is interrupted is done again, so a delivery
 * is made at least once. Safe for use by many threads and by several nodes. Every method may throw
 * {@link Unavailable}.
 */
public final class WebhookDispatcher {
  /**
   * Longer than {@link WebhookSender#send} and the settling can take, and short enough that what a
   * killed node had claimed is delivered half a minute later.
   */
  static final Duration LEASE = Duration.ofSeconds(25);

  /** How long one lane is served before it stands in line again. */
  private static final Duration TURN = Duration.ofMillis(250);

  private final DeliveryQueue queue;
  private final WebhookEndpoints endpoints;
  private final WebhookSender sender;
  private final RetrySchedule schedule;
  private final InstantSource clock;
  private final EndpointConcurrency concurrency = new EndpointConcurrency();

  /**
   * @param clock shared by all nodes
   */
  public WebhookDispatcher(
      DeliveryQueue queue,
      WebhookEndpoints endpoints,
      WebhookSender sender,
      RetrySchedule schedule,
      InstantSource clock) {
    this.queue = queue;
    this.endpoints = endpoints;
    this.sender = sender;
    this.schedule = schedule;
    this.clock = clock;
  }

  /**
   * Takes up to {@code limit} deliveries that are due; each must then be given to {@link #deliver}.
   * Of an endpoint that is slow or fails few are taken at once, and of one that keeps failing one
   * at a time, so that it keeps nobody else waiting. What is held back by that loses no attempt.
   */
  public List<ClaimedDelivery> claim(int limit) {
    Instant now = clock.instant();
    List<ClaimedDelivery> claimed = queue.claim(limit, now, LEASE, concurrency.limits(now));
    claimed.forEach(delivery -> concurrency.began(delivery, now));
    return claimed;
  }

  /**
   * Attempts a delivery and settles it. As long as each attempt succeeds it goes on with the next
   * delivery of the lane, until the lane's turn is over.
   */
  public void deliver(ClaimedDelivery first) {
    Instant begun = clock.instant();
    Optional<ClaimedDelivery> next = Optional.of(first);
    while (next.isPresent()) {
      next = deliver(next.get(), begun.plus(TURN));
      next.ifPresent(delivery -> concurrency.began(delivery, clock.instant()));
    }
  }

  /** What an attempt gave; the outcome is null if it broke off. */
  private record Attempt(WebhookAnswer answer, DeliveryOutcome outcome) {}

  /**
   * @return the next delivery of the lane, if the lane's turn is not over
   */
  private Optional<ClaimedDelivery> deliver(ClaimedDelivery delivery, Instant until) {
    Attempt attempt = null;
    try {
      attempt = attempt(delivery);
    } finally {
      ended(delivery, attempt);
    }
    Instant now = clock.instant();
    if (attempt.outcome() instanceof DeliveryOutcome.Delivered && now.isBefore(until)) {
      return queue.settleAndClaimNext(delivery, attempt.answer(), now, LEASE);
    }
    // A claim that ran out was taken by somebody else, who settles it.
    boolean _ = queue.settle(delivery, attempt.answer(), attempt.outcome(), now);
    return Optional.empty();
  }

  /**
   * A delivery to an endpoint that was deleted is given up. One to an endpoint that this node's
   * configuration does not have counts as a failed attempt: another node's configuration may have
   * it, before all are restarted with the same one.
   */
  private Attempt attempt(ClaimedDelivery delivery) {
    Optional<WebhookEndpoint> endpoint = endpoint(delivery);
    if (endpoint.isPresent()) {
      WebhookAnswer answer = sender.send(endpoint.get(), delivery);
      return new Attempt(answer, schedule.after(delivery.attempt(), answer, clock.instant()));
    }
    if (delivery.endpointId().isOfApi()) {
      return new Attempt(
          new WebhookAnswer.Failed("the endpoint was deleted", Duration.ZERO),
          new DeliveryOutcome.EndpointUnknown());
    }
    var answer = new WebhookAnswer.Failed("the endpoint is not configured", Duration.ZERO);
    return new Attempt(answer, schedule.after(delivery.attempt(), answer, clock.instant()));
  }

  private void ended(ClaimedDelivery delivery, @Nullable Attempt attempt) {
    if (attempt == null) {
      concurrency.ended(delivery, null, Duration.ZERO, clock.instant());
    } else {
      concurrency.ended(delivery, attempt.outcome(), attempt.answer().took(), clock.instant());
    }
  }

  /** Another node may have made it a moment ago, so it is looked up afresh before it is missing. */
  private Optional<WebhookEndpoint> endpoint(ClaimedDelivery delivery) {
    TenantInstance instance = delivery.message().chat().instance();
    return endpoints
        .find(instance, delivery.endpointId())
        .or(() -> {
          endpoints.refresh();
          return endpoints.find(instance, delivery.endpointId());
        });
  }
}
