package io.carechat.persistence.webhooks.delivery;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.delivery.ClaimLimits;
import io.carechat.domain.webhooks.delivery.ClaimedDelivery;
import io.carechat.domain.webhooks.delivery.DeliveryOutcome;
import io.carechat.domain.webhooks.delivery.DeliveryStore;
import io.carechat.domain.webhooks.delivery.EndpointHealth;
import io.carechat.domain.webhooks.delivery.NewDelivery;
import io.carechat.domain.webhooks.delivery.Redelivered;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GroupCommit;
import io.carechat.persistence.jdbc.Rows;
import io.carechat.persistence.jdbc.Sql;
import io.carechat.persistence.webhooks.delivery.Settlement.Effect;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ledger of webhook deliveries. There is a lane for each chat and endpoint with pending
 * deliveries, and for no other; a lane that is there has its first pending delivery due at its
 * time.
 */
final class PostgresDeliveryStore implements DeliveryStore, AutoCloseable {
  private static final int MOST_AT_ONCE = 100;
  private static final int MOST_WAITING = 4_096;

  /** Nobody waits for it but a worker, for whom the delivery was the longer part. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final String OF_CHAT =
      Sql.render(
          select(
                  WEBHOOK_DELIVERY.DELIVERY_ID,
                  WEBHOOK_DELIVERY.ENDPOINT_ID,
                  MESSAGE.EXTERNAL_ID,
                  WEBHOOK_DELIVERY.STATE,
                  WEBHOOK_DELIVERY.ATTEMPTS)
              .from(WEBHOOK_DELIVERY)
              .join(MESSAGE)
              .on(MESSAGE.TENANT_NAME.eq(WEBHOOK_DELIVERY.TENANT_NAME))
              .and(MESSAGE.INSTANCE_NAME.eq(WEBHOOK_DELIVERY.INSTANCE_NAME))
              .and(MESSAGE.PATIENT_ID.eq(WEBHOOK_DELIVERY.PATIENT_ID))
              .and(MESSAGE.CREATED_AT.eq(WEBHOOK_DELIVERY.MESSAGE_CREATED_AT))
              .where(WEBHOOK_DELIVERY.TENANT_NAME.eq(Sql.text("tenant")))
              .and(WEBHOOK_DELIVERY.INSTANCE_NAME.eq(Sql.text("instance")))
              .and(WEBHOOK_DELIVERY.PATIENT_ID.eq(Sql.uuid("patient")))
              .orderBy(
                  WEBHOOK_DELIVERY.LOG_TRANSACTION,
                  WEBHOOK_DELIVERY.LOG_NUMBER,
                  WEBHOOK_DELIVERY.ENDPOINT_ID));

  private final Connections reading;
  private final InstantSource clock;
  private final Connections working;
  private final DeliveryPlans plans;
  private final DeliveryClaims claims;
  private final LaneChanges lanes;
  private final DisabledEndpoints disabled;
  private final Redeliveries redeliveries;
  private final GroupCommit<Settlement, SettlementResult> settlements;

  /**
   * @param working for planning, claiming and redelivering
   * @param settling for the threads that settle
   */
  PostgresDeliveryStore(
      Connections reading, Connections working, Connections settling, InstantSource clock) {
    this.reading = reading;
    this.clock = clock;
    this.working = working;
    this.plans = new DeliveryPlans(working);
    this.claims = new DeliveryClaims(working);
    this.lanes = new LaneChanges(working);
    this.disabled = new DisabledEndpoints(reading, working, lanes);
    this.redeliveries = new Redeliveries(working);
    this.settlements =
        new GroupCommit<>(
            "settle",
            MOST_AT_ONCE,
            MOST_WAITING,
            PATIENCE,
            batch -> settling.call(connection -> DeliverySettlements.settle(connection, batch)));
  }

  @Override
  public LogPosition plannedUpTo() {
    return plans.upTo();
  }

  @Override
  public boolean plan(LogPosition from, LogPosition to, List<NewDelivery> deliveries, Instant now) {
    return plans.plan(from, to, deliveries, now);
  }

  @Override
  public List<ClaimedDelivery> claim(int limit, Instant now, Duration lease, ClaimLimits room) {
    return claims.claim(limit, now, lease, room);
  }

  @Override
  public boolean settle(
      ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now) {
    return switch (outcome) {
      case DeliveryOutcome.Delivered() ->
          settled(new Settlement(delivery, answer, Effect.WORKS, State.DELIVERED, now, now, null));
      case DeliveryOutcome.RetryAt(Instant time) ->
          settled(new Settlement(delivery, answer, Effect.FAILS, State.PENDING, time, now, null));
      case DeliveryOutcome.GaveUp() ->
          settled(new Settlement(delivery, answer, Effect.FAILS, State.DEAD, now, now, null));
      case DeliveryOutcome.EndpointUnknown() ->
          settled(new Settlement(delivery, answer, Effect.NOTHING, State.DEAD, now, now, null));
      case DeliveryOutcome.EndpointGone() ->
          disabled.disable(
              new Settlement(delivery, answer, Effect.NOTHING, State.PENDING, now, now, null));
    };
  }

  private boolean settled(Settlement settlement) {
    return settlements.write(settlement).valid();
  }

  @Override
  public Optional<ClaimedDelivery> settleAndGoOn(
      ClaimedDelivery delivered, WebhookAnswer answer, Instant now, Duration lease) {
    return Optional.ofNullable(
        settlements
            .write(
                new Settlement(
                    delivered, answer, Effect.WORKS, State.DELIVERED, now, now, now.plus(lease)))
            .next());
  }

  @Override
  public List<Entry> ofChat(ChatId chat) {
    return reading.read(
        chat.instance(), OF_CHAT, parameters -> parameters.chat(chat), PostgresDeliveryStore::entry);
  }

  private static Entry entry(ResultSet row) throws SQLException {
    return new Entry(
        new DeliveryId(Rows.uuid(row, "delivery_id")),
        row.getString("endpoint_id"),
        new ExternalId(Rows.uuid(row, "external_id")),
        State.valueOf(row.getString("state")),
        row.getInt("attempts"));
  }

  @Override
  public boolean disable(TenantInstance instance, String endpointId) {
    return disabled.disable(instance, endpointId, clock.instant());
  }

  @Override
  public Map<String, EndpointHealth> health(TenantInstance instance) {
    return disabled.health(instance);
  }

  @Override
  public boolean enable(TenantInstance instance, String endpointId) {
    return disabled.enable(instance, endpointId, clock.instant());
  }

  @Override
  public int disableFailing(Duration patience, Instant now) {
    return disabled.disableFailing(patience, now);
  }

  @Override
  public Redelivered redeliver(
      TenantInstance instance, String endpointId, DeliveryId id, Instant now) {
    return redeliveries.one(instance, endpointId, id, now);
  }

  @Override
  public int redeliverAll(
      TenantInstance instance, String endpointId, Redeliverable which, Instant since, Instant now) {
    return redeliveries.all(instance, endpointId, which, since, now);
  }

  @Override
  public boolean continueRedeliveries(int chats, Instant now) {
    boolean changed = lanes.step(now);
    return redeliveries.step(chats, now) || changed;
  }

  @Override
  public int forgetDelivered(Instant before, int limit) {
    return working.use(connection -> DeliveryRetention.forget(connection, before, limit));
  }

  /** Settles what waits, and takes no more. */
  @Override
  public void close() {
    settlements.close();
  }
}
