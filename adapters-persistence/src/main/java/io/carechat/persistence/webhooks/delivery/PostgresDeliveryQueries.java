package io.carechat.persistence.webhooks.delivery;

import static io.carechat.persistence.generated.Tables.WEBHOOK_ATTEMPT;
import static io.carechat.persistence.generated.Tables.WEBHOOK_DELIVERY;
import static io.carechat.persistence.webhooks.WebhookKeys.endpoint;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.delivery.Delivery;
import io.carechat.domain.webhooks.delivery.DeliveryAttempt;
import io.carechat.domain.webhooks.delivery.DeliveryQueries;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.webhooks.WebhookKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.Param;
import org.jspecify.annotations.Nullable;

/** The deliveries as partners read them, under row-level security of their instance. */
public final class PostgresDeliveryQueries implements DeliveryQueries {
  private static final Param<UUID> DELIVERY = Parameters.uuid("delivery");

  private static final DeliveryRows FIND =
      new DeliveryRows(
          select(WEBHOOK_DELIVERY.fields())
              .from(WEBHOOK_DELIVERY)
              .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
              .and(WEBHOOK_DELIVERY.DELIVERY_ID.eq(DELIVERY)));

  private static final SqlStatement ATTEMPTS =
      SqlStatement.ofInstance(
          select(
                  WEBHOOK_ATTEMPT.ATTEMPT,
                  WEBHOOK_ATTEMPT.ENDED_AT,
                  WEBHOOK_ATTEMPT.TOOK_MS,
                  WEBHOOK_ATTEMPT.STATUS,
                  WEBHOOK_ATTEMPT.NOTE)
              .from(WEBHOOK_DELIVERY)
              .join(WEBHOOK_ATTEMPT)
              .on(WebhookKeys.delivery(WEBHOOK_ATTEMPT).eq(WebhookKeys.delivery(WEBHOOK_DELIVERY)))
              .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
              .and(WEBHOOK_DELIVERY.DELIVERY_ID.eq(DELIVERY))
              .orderBy(WEBHOOK_ATTEMPT.ATTEMPT.desc())
              .limit(inline(MAX_ATTEMPTS)));

  private static final Column<Integer> ATTEMPT_NUMBER = ATTEMPTS.column(WEBHOOK_ATTEMPT.ATTEMPT);
  private static final Column<Instant> ATTEMPT_ENDED_AT = ATTEMPTS.column(WEBHOOK_ATTEMPT.ENDED_AT);
  private static final Column<Long> ATTEMPT_MILLIS = ATTEMPTS.column(WEBHOOK_ATTEMPT.TOOK_MS);
  private static final Column<Integer> ATTEMPT_STATUS = ATTEMPTS.column(WEBHOOK_ATTEMPT.STATUS);
  private static final Column<String> ATTEMPT_NOTE = ATTEMPTS.column(WEBHOOK_ATTEMPT.NOTE);

  private static final SqlStatement ANY =
      SqlStatement.ofInstance(
          selectOne()
              .from(WEBHOOK_DELIVERY)
              .where(endpoint(WEBHOOK_DELIVERY).eq(endpoint()))
              .limit(inline(1)));

  /** All deliveries are older. */
  private static final Delivery.Key END =
      new Delivery.Key(Parameters.END_OF_TIME, new LogPosition(Long.MAX_VALUE, Long.MAX_VALUE));

  /** There are sixteen, each rendered when it is first needed. */
  private final Map<DeliveryPageQuery, DeliveryRows> pages = new ConcurrentHashMap<>();

  private final Connections reading;

  public PostgresDeliveryQueries(Connections reading) {
    this.reading = reading;
  }

  @Override
  public List<Delivery> read(
      TenantInstance instance,
      EndpointId endpointId,
      Filter filter,
      Window<Delivery.Key> window,
      int limit) {
    Delivery.Key cursor =
        switch (window) {
          case Window.Newest<Delivery.Key>() -> END;
          case Window.Before<Delivery.Key>(Delivery.Key before) -> before;
          case Window.After<Delivery.Key>(Delivery.Key after) -> after;
        };
    PatientId patient = filter.patient();
    var query =
        new DeliveryPageQuery(patient != null, filter.state(), window instanceof Window.After);
    DeliveryRows page = pages.computeIfAbsent(query, each -> new DeliveryRows(each.select()));
    BoundStatement statement =
        WebhookKeys.bind(page.bind(), instance, endpointId)
            .set(DeliveryPageQuery.FROM, wholeMillis(filter.from(), PrintableTimes.EARLIEST))
            .set(
                DeliveryPageQuery.TO, wholeMillis(filter.to(), PrintableTimes.LATEST.plusMillis(1)))
            .set(DeliveryPageQuery.CURSOR_TRANSACTION, cursor.event().transaction())
            .set(DeliveryPageQuery.CURSOR_NUMBER, cursor.event().number())
            .set(Parameters.LIMIT, limit);
    return reading.read(
        patient == null
            ? statement.set(DeliveryPageQuery.CURSOR_TIME, cursor.createdAt())
            : statement.set(Parameters.PATIENT, patient.value()),
        page);
  }

  /** The first whole millisecond that is not before a time: deliveries have no finer ones. */
  private static Instant wholeMillis(@Nullable Instant time, Instant otherwise) {
    if (time == null) {
      return otherwise;
    }
    Instant floor = time.truncatedTo(ChronoUnit.MILLIS);
    return floor.equals(time) ? time : floor.plusMillis(1);
  }

  @Override
  public Optional<Delivery> find(TenantInstance instance, EndpointId endpointId, DeliveryId id) {
    return reading.readFirst(
        WebhookKeys.bind(FIND.bind(), instance, endpointId).set(DELIVERY, id.value()), FIND);
  }

  @Override
  public List<DeliveryAttempt> attempts(
      TenantInstance instance, EndpointId endpointId, DeliveryId id) {
    return reading
        .read(
            WebhookKeys.bind(ATTEMPTS.bind(), instance, endpointId).set(DELIVERY, id.value()),
            row ->
                new DeliveryAttempt(
                    ATTEMPT_NUMBER.get(row),
                    ATTEMPT_ENDED_AT.get(row),
                    Duration.ofMillis(ATTEMPT_MILLIS.get(row)),
                    ATTEMPT_STATUS.getOrNull(row),
                    ATTEMPT_NOTE.get(row)))
        .reversed();
  }

  @Override
  public boolean anyOf(TenantInstance instance, EndpointId endpointId) {
    return reading
        .readFirst(WebhookKeys.bind(ANY.bind(), instance, endpointId), row -> true)
        .isPresent();
  }
}
