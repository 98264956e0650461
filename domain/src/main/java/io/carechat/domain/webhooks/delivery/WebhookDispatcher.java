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
 * Makes the deliveries that are due. It works in two steps that can fail independently: {@link
 * #claim} claims deliveries, and {@link #deliver} calls the endpoint and records the result. Work
 * that is interrupted is repeated, so each delivery is made at least once. Safe for use by many
 * threads and by several nodes. Every method may throw {@link Unavailable}.
 */
public final class WebhookDispatcher {
  /**
   * How long a claim is valid. It is longer than {@link WebhookSender#send} and recording the
   * result can take. It is short enough that deliveries that a killed node had claimed are made
   * within half a minute.
   */
  static final Duration LEASE = Duration.ofSeconds(25);

  /** How long one lane is served before other lanes get their turn. */
  private static final Duration TURN = Duration.ofMillis(250);

  private final DeliveryQueue queue;
  private final WebhookEndpoints endpoints;
  private final WebhookSender sender;
  private final RetryPolicy schedule;
  private final InstantSource clock;
  private final EndpointConcurrency concurrency = new EndpointConcurrency();

  /**
   * @param queue the deliveries that are due
   * @param endpoints the endpoints that exist
   * @param sender calls endpoints
   * @param schedule decides when to retry
   * @param clock a clock that all nodes share
   */
  public WebhookDispatcher(
      DeliveryQueue queue,
      WebhookEndpoints endpoints,
      WebhookSender sender,
      RetryPolicy schedule,
      InstantSource clock) {
    this.queue = queue;
    this.endpoints = endpoints;
    this.sender = sender;
    this.schedule = schedule;
    this.clock = clock;
  }

  /**
   * Claims up to {@code limit} deliveries that are due. Each must then be given to {@link
   * #deliver}. Of a slow or failing endpoint only a few deliveries are claimed at once, and only
   * one of an endpoint that keeps failing, so that it does not delay others. Deliveries that are
   * held back in this way lose no attempt.
   *
   * @param limit the maximum number of deliveries, 1 or more
   */
  public List<ClaimedDelivery> claim(int limit) {
    Instant now = clock.instant();
    List<ClaimedDelivery> claimed = queue.claim(limit, now, LEASE, concurrency.limits(now));
    claimed.forEach(delivery -> concurrency.began(delivery, now));
    return claimed;
  }

  /**
   * Attempts a delivery and records the result. As long as each attempt succeeds, it continues with
   * the next delivery of the lane, until the lane's turn is over.
   */
  public void deliver(ClaimedDelivery first) {
    Instant begun = clock.instant();
    Optional<ClaimedDelivery> next = Optional.of(first);
    while (next.isPresent()) {
      next = deliver(next.get(), begun.plus(TURN));
      next.ifPresent(delivery -> concurrency.began(delivery, clock.instant()));
    }
  }

  /** The result of an attempt. */
  private record Attempt(WebhookAnswer answer, DeliveryOutcome outcome) {}

  /**
   * Attempts one delivery.
   *
   * @param until when the lane's turn is over
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
    // If the claim has expired, somebody else has claimed the lane and will settle the delivery.
    boolean _ = queue.settle(delivery, attempt.answer(), attempt.outcome(), now);
    return Optional.empty();
  }

  /**
   * Calls the endpoint. A delivery to an endpoint that was deleted is given up. A delivery to an
   * endpoint that is missing in this node's configuration counts as a failed attempt. The
   * configuration of another node may have it, until all nodes are restarted with the same
   * configuration.
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

  /**
   * Finds the endpoint of a delivery. Another node may have just created it, so the cache is
   * refreshed before the endpoint counts as missing.
   */
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
