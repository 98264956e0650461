package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.webhooks.WebhookAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The queue of deliveries that are due. It also records what follows from their attempts. Safe for
 * use by many threads and by several nodes. Every method may throw {@link Unavailable}.
 *
 * <p>The deliveries of one chat to one endpoint form a lane. They are attempted one at a time, in
 * the order of the log. A delivery is attempted only after the one before it was delivered or given
 * up. Lanes do not wait for each other.
 */
public interface DeliveryQueue {
  /**
   * Claims up to {@code limit} deliveries that are due. Each is the first of its lane. Those that
   * have been due for longest come first. Until a claimed lane is settled or the lease has expired,
   * nobody else can claim it. Deliveries of disabled endpoints are not claimed.
   *
   * <p>Of each endpoint, no more lanes are claimed than its limit allows. Deliveries over the limit
   * do not delay the lanes of other endpoints. They may be postponed, which does not count as an
   * attempt.
   *
   * @param limit the maximum number of deliveries, 1 or more
   * @param now the current time
   * @param lease how long the claim is valid; longer than an attempt can take
   * @param limits how many lanes of each endpoint may be claimed
   */
  List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimLimits limits);

  /**
   * Records an attempt and what follows from it. If the endpoint is gone, it is disabled and an
   * {@link InstanceEvent.EndpointDisabled} is logged in the same transaction.
   *
   * @return false if the claim is no longer valid, because its lease has expired and somebody else
   *     has claimed the lane; then nothing was recorded
   */
  boolean settle(
      ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now);

  /**
   * Records a successful attempt, as {@link #settle} does, and claims the next delivery of the lane
   * under a new lease. The result is empty, and the lane is free for all workers, if there is no
   * next delivery, it is not due yet, or the endpoint is disabled. The result is also empty, and
   * nothing is recorded, if the claim is no longer valid.
   *
   * @param lease how long the new claim is valid; longer than an attempt can take
   */
  Optional<ClaimedDelivery> settleAndClaimNext(
      ClaimedDelivery delivered, WebhookAnswer answer, Instant now, Duration lease);
}
