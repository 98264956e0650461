package io.carechat.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
   * Records deliveries, due at once, and moves the cursor, both or neither. They are created at
   * {@code now}, or when the last ones were, if that is later.
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
   * <p>Of each endpoint no more lanes are taken than there is room for; what is due beyond that
   * holds up no other endpoint's lanes, and may be put off, without an attempt being counted.
   *
   * @param limit 1 or more
   * @param lease longer than an attempt can take
   */
  List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimRoom room);

  /** As the other, with room for everything. */
  default List<ClaimedDelivery> claim(int limit, Instant now, Duration lease) {
    return claim(limit, now, lease, ClaimRoom.UNLIMITED);
  }

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
   * Records that an attempt succeeded, as {@link #settle}, and keeps the lane to go on with it:
   * gives the next delivery of the lane, claimed anew until a lease is over. None, and the lane is
   * free for everybody, if there is no other, or it is not due yet, or the endpoint is disabled; or
   * if the claim was no longer valid, and nothing was recorded.
   */
  Optional<ClaimedDelivery> settleAndGoOn(
      ClaimedDelivery delivered, WebhookAnswer answer, Instant now, Duration lease);

  /** How a delivery stands. */
  enum State {
    /** It is due or will be, or waits for another. */
    PENDING,
    /** The endpoint has it. */
    DELIVERED,
    /** Every attempt failed, or its endpoint was no longer configured. */
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

  /**
   * How the endpoints of an instance do that fail or are disabled, by their ids; there is none of
   * those that are {@link EndpointHealth#GOOD}.
   */
  Map<String, EndpointHealth> health(TenantInstance place);

  /**
   * Lets a disabled endpoint have its deliveries again, beginning with what waits; true if it was
   * disabled. If very many chats wait, only some of them go on at once, and the others with {@link
   * #continueRedeliveries}.
   */
  boolean enable(TenantInstance place, String endpointId);

  /**
   * Disables the endpoints that fail for longer than is borne: that had a failure at least {@code
   * patience} after another, and no success between them or since. An {@link
   * InstanceEvent.EndpointDisabled} of each is in the log, both or neither. Failures less than a
   * minute apart may count as one.
   *
   * @return how many there were
   */
  int disableFailing(Duration patience, Instant now);

  /**
   * Has a delivery made again, with the same id and bytes, whatever became of it; it has all the
   * attempts of its schedule before it, and is the next of its lane unless an earlier one is
   * pending. One that is pending is made due at once, if it is the next of its lane.
   */
  Redelivered redeliver(TenantInstance place, String endpointId, DeliveryId id, Instant now);

  /** Which deliveries are to be made again. */
  enum Redeliverable {
    /** Those that are dead. */
    DEAD,
    /** Those that are dead, and those that were delivered. */
    ALL
  }

  /** How many deliveries are counted at most. */
  int MOST_COUNTED = 1_000_000;

  /**
   * Has many deliveries of an endpoint made again, as {@link #redeliver}: those that are in such a
   * state and were created from a time on until now. The order of each chat is kept: all of its
   * deliveries that are concerned come before the pending ones that are later in the log. They are
   * not made due by this call, but by those of {@link #continueRedeliveries} that follow.
   *
   * @return how many there are now, up to {@link #MOST_COUNTED}
   */
  int redeliverAll(
      TenantInstance place, String endpointId, Redeliverable which, Instant since, Instant now);

  /**
   * Goes on with what {@link #redeliverAll} was asked for, and with what {@link #disable} and
   * {@link #enable} may leave to be done of an endpoint for which very many chats wait, by a
   * bounded lot.
   *
   * @param chats of how many chats it redelivers at most, 1 or more; of each, all deliveries that
   *     are concerned
   * @return whether there may be more to do
   */
  boolean continueRedeliveries(int chats, Instant now);

  /**
   * Removes deliveries that were delivered, and their attempts.
   *
   * @param before created before that
   * @param limit how many at most, 1 or more
   * @return how many were removed
   */
  int forgetDelivered(Instant before, int limit);
}
