package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.webhooks.WebhookAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The deliveries that are due, and what their attempts lead to. Safe for use by many threads and by
 * several nodes. Every method may throw {@link Unavailable}.
 *
 * <p>The deliveries of one chat to one endpoint form a lane: they are attempted one at a time, in
 * the order of the log, and none before the one ahead of it is delivered or given up. Lanes don't
 * wait for each other.
 */
public interface DeliveryQueue {
  /**
   * Takes up to {@code limit} deliveries that are due, each the first of its lane, those due
   * longest first. Nobody else can take a claimed lane until it is settled or the lease is over.
   * Deliveries of disabled endpoints are not given.
   *
   * <p>Of each endpoint no more lanes are taken than its limit allows. What is due beyond that
   * holds up no other endpoint's lanes. It may be put off, without an attempt being counted.
   *
   * @param limit 1 or more
   * @param lease longer than an attempt can take
   */
  List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimLimits limits);

  /**
   * Records an attempt and what follows from it. An endpoint that is gone is disabled, and an
   * {@link InstanceEvent.EndpointDisabled} is in the log, both with the attempt or neither.
   *
   * @return false if the claim is no longer valid, because its lease was over and somebody else
   *     claimed the lane; nothing was recorded then
   */
  boolean settle(
      ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now);

  /**
   * Records that an attempt succeeded, as {@link #settle} does, and claims the next delivery of the
   * lane until a new lease is over. It gives none, and leaves the lane to everybody, if there is no
   * other, or it is not due yet, or the endpoint is disabled. It gives none and records nothing if
   * the claim was no longer valid.
   */
  Optional<ClaimedDelivery> settleAndClaimNext(
      ClaimedDelivery delivered, WebhookAnswer answer, Instant now, Duration lease);
}
