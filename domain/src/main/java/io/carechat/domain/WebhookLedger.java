package io.carechat.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What is to be delivered to whom, and what became of it. Safe for use by many threads and by
 * several nodes. Every method may throw {@link Unavailable}.
 *
 * <p>The deliveries of one chat to one endpoint form a lane: they are attempted one at a time, in
 * the order of the log, and none before the one ahead of it is delivered or given up. Lanes don't
 * wait for each other.
 */
public interface WebhookLedger {
  /** Up to where the event log has been turned into deliveries. */
  LogPosition plannedUpTo();

  /**
   * Records deliveries, due at once, and moves the cursor, both or neither.
   *
   * @param from where the cursor must still stand
   * @param deliveries in the order of the log, of events between {@code from} and {@code to}, at
   *     most one of each event for each endpoint
   * @return false if the cursor stands elsewhere, because another node was faster; nothing was
   *     recorded then
   */
  boolean plan(LogPosition from, LogPosition to, List<NewDelivery> deliveries, Instant now);

  /**
   * Takes up to {@code limit} deliveries that are due, each the first of its lane, those due
   * longest first. Nobody else can take a claimed lane until it is settled or the lease is over.
   * Deliveries of disabled endpoints are not given.
   *
   * @param limit 1 or more
   * @param lease longer than an attempt can take
   */
  List<ClaimedDelivery> claim(int limit, Instant now, Duration lease);

  /**
   * Records an attempt and what follows from it.
   *
   * @return false if the claim is no longer valid, because its lease was over and somebody else
   *     claimed the lane; nothing was recorded then
   */
  boolean settle(
      ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now);

  /** How a delivery stands. */
  enum State {
    /** It is due or will be, or waits for another. */
    PENDING,
    /** The endpoint has it. */
    DELIVERED,
    /** Every attempt failed. */
    DEAD
  }

  /**
   * A line of the ledger.
   *
   * @param attempts how many were made
   */
  record Entry(DeliveryId id, String endpointId, ExternalId message, State state, int attempts) {}

  /** The deliveries of a chat, in the order of the log, then of endpoint ids. */
  List<Entry> ofChat(ChatId chat);

  /**
   * Holds the deliveries of an endpoint back until it is enabled again, those that are planned from
   * now on too; an attempt under way is not stopped. True if it was not disabled before.
   */
  boolean disable(TenantInstance place, String endpointId);

  /** The ids of the endpoints of an instance that have been disabled, in no order. */
  List<String> disabledEndpoints(TenantInstance place);

  /**
   * Lets a disabled endpoint have its deliveries again, beginning with what waits; true if it was
   * disabled.
   */
  boolean enable(TenantInstance place, String endpointId);
}
