package io.carechat.persistence.webhooks.delivery;

import static io.carechat.domain.events.InstanceEvent.Reason.GONE;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.delivery.ClaimLimits;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryOutcome;
import io.carechat.domain.webhooks.delivery.DeliveryQueue;
import io.carechat.domain.webhooks.delivery.DeliveryState;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GroupCommit;
import io.carechat.persistence.webhooks.EndpointSwitch;
import io.carechat.persistence.webhooks.LaneChanges;
import io.carechat.persistence.webhooks.delivery.Settlement.Effect;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The queue of deliveries, and the thread that settles them. There is a lane for each chat and
 * endpoint with pending deliveries, and for no other. The first pending delivery of a lane is due
 * at the lane's time.
 */
public final class PostgresDeliveryQueue implements DeliveryQueue, AutoCloseable {
  private static final int MAX_BATCH = 100;
  private static final int MAX_WAITING = 4_096;

  /** Only workers wait for it, for whom the delivery itself took longer. */
  private static final Duration TIMEOUT = Duration.ofSeconds(8);

  private final Connections working;
  private final DeliveryClaims claims;
  private final LaneChanges lanes;
  private final GroupCommit<Settlement, SettlementResult> settlements;

  /**
   * @param working for claiming
   * @param settling for the thread that settles
   */
  public PostgresDeliveryQueue(Connections working, Connections settling) {
    this.working = working;
    this.claims = new DeliveryClaims(working);
    this.lanes = new LaneChanges(working);
    this.settlements =
        new GroupCommit<>(
            "settle",
            MAX_BATCH,
            MAX_WAITING,
            TIMEOUT,
            batch -> settling.call(connection -> DeliverySettlements.settle(connection, batch)));
  }

  @Override
  public List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimLimits limits) {
    return claims.claim(limit, now, lease, limits);
  }

  @Override
  public boolean settle(
      ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now) {
    return switch (outcome) {
      case DeliveryOutcome.Delivered() ->
          settle(delivery, answer, Effect.WORKS, DeliveryState.DELIVERED, now, now);
      case DeliveryOutcome.RetryAt(Instant time) ->
          settle(delivery, answer, Effect.FAILS, DeliveryState.PENDING, time, now);
      case DeliveryOutcome.GaveUp() ->
          settle(delivery, answer, Effect.FAILS, DeliveryState.DEAD, now, now);
      case DeliveryOutcome.EndpointUnknown() ->
          settle(delivery, answer, Effect.NOTHING, DeliveryState.DEAD, now, now);
      case DeliveryOutcome.EndpointGone() ->
          settleAndDisable(
              new Settlement(
                  delivery, answer, Effect.NOTHING, DeliveryState.PENDING, now, now, null));
    };
  }

  private boolean settle(
      ClaimedDelivery delivery,
      WebhookAnswer answer,
      Effect effect,
      DeliveryState state,
      Instant due,
      Instant now) {
    return settlements
        .write(new Settlement(delivery, answer, effect, state, due, now, null))
        .valid();
  }

  /** In a transaction of its own, because disabling excludes planning. */
  private boolean settleAndDisable(Settlement gone) {
    ClaimedDelivery delivery = gone.delivery();
    TenantInstance instance = delivery.message().chat().instance();
    boolean settled =
        working.inTransaction(connection -> {
          EndpointSwitch.lock(connection);
          boolean _ =
              EndpointSwitch.disable(connection, instance, delivery.endpointId(), GONE, gone.now());
          boolean valid = DeliverySettlements.settle(connection, List.of(gone)).getFirst().valid();
          if (!valid) {
            connection.rollback();
          }
          return valid;
        });
    if (settled) {
      lanes.begin(instance, delivery.endpointId(), gone.now());
    }
    return settled;
  }

  @Override
  public Optional<ClaimedDelivery> settleAndClaimNext(
      ClaimedDelivery delivered, WebhookAnswer answer, Instant now, Duration lease) {
    var settlement =
        new Settlement(
            delivered, answer, Effect.WORKS, DeliveryState.DELIVERED, now, now, now.plus(lease));
    return Optional.ofNullable(settlements.write(settlement).next());
  }

  /** Accepts no more settlements, and makes those that wait. */
  @Override
  public void close() {
    settlements.close();
  }
}
