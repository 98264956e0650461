package io.carechat.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A webhook ledger without a database. */
public final class InMemoryWebhookLedger implements WebhookLedger {
  private record Lane(ChatId chat, String endpointId) {
    static Lane of(NewDelivery delivery) {
      return new Lane(delivery.message().chat(), delivery.endpointId());
    }

    Endpoint endpoint() {
      return new Endpoint(chat.place(), endpointId);
    }
  }

  private record Endpoint(TenantInstance place, String id) {}

  private record EventForEndpoint(LogPosition position, Endpoint endpoint) {}

  private static final class Row {
    private final NewDelivery delivery;
    private State state = State.PENDING;
    private int attempts;

    /** Where it is claimed, when the lease is over. */
    private Instant due;

    private @Nullable UUID claim;

    Row(NewDelivery delivery, Instant due) {
      this.delivery = delivery;
      this.due = due;
    }
  }

  private final List<Row> rows = new ArrayList<>();
  private final Set<Endpoint> disabled = new HashSet<>();
  private LogPosition plannedUpTo = LogPosition.START;

  @Override
  public synchronized LogPosition plannedUpTo() {
    return plannedUpTo;
  }

  @Override
  public synchronized boolean plan(
      LogPosition from, LogPosition to, List<NewDelivery> deliveries, Instant now) {
    if (!from.equals(plannedUpTo)) {
      return false;
    }
    var told = new HashSet<EventForEndpoint>();
    for (NewDelivery delivery : deliveries) {
      if (!told.add(new EventForEndpoint(delivery.position(), Lane.of(delivery).endpoint()))) {
        throw new IllegalArgumentException("An endpoint is to be told twice of one event.");
      }
    }
    deliveries.forEach(delivery -> rows.add(new Row(delivery, now)));
    plannedUpTo = to;
    return true;
  }

  @Override
  public synchronized List<ClaimedDelivery> claim(int limit, Instant now, Duration lease) {
    Map<Lane, Row> firstPending = new LinkedHashMap<>();
    for (Row row : rows) {
      if (row.state == State.PENDING) {
        firstPending.putIfAbsent(Lane.of(row.delivery), row);
      }
    }
    return firstPending.values().stream()
        .filter(row -> !row.due.isAfter(now))
        .filter(row -> !disabled.contains(Lane.of(row.delivery).endpoint()))
        .sorted(Comparator.comparing((Row row) -> row.due))
        .limit(limit)
        .map(row -> claimed(row, now.plus(lease)))
        .toList();
  }

  private static ClaimedDelivery claimed(Row row, Instant leaseEnd) {
    UUID claim = UUID.randomUUID();
    row.claim = claim;
    row.due = leaseEnd;
    NewDelivery delivery = row.delivery;
    return new ClaimedDelivery(
        delivery.id(),
        delivery.endpointId(),
        delivery.event(),
        delivery.patientUrl(),
        row.attempts + 1,
        claim);
  }

  @Override
  public synchronized boolean settle(
      ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now) {
    Optional<Row> claimed =
        rows.stream()
            .filter(row -> delivery.claim().equals(row.claim))
            .filter(row -> row.delivery.id().equals(delivery.id()))
            .filter(row -> row.delivery.endpointId().equals(delivery.endpointId()))
            .filter(row -> row.delivery.message().chat().equals(delivery.message().chat()))
            .findFirst();
    if (claimed.isEmpty()) {
      return false;
    }
    Row row = claimed.get();
    row.claim = null;
    row.attempts++;
    switch (outcome) {
      case DeliveryOutcome.Delivered() -> row.state = State.DELIVERED;
      case DeliveryOutcome.RetryAt(Instant time) -> row.due = time;
      case DeliveryOutcome.GaveUp() -> row.state = State.DEAD;
      case DeliveryOutcome.EndpointGone() -> {
        row.due = now;
        disabled.add(Lane.of(row.delivery).endpoint());
      }
    }
    return true;
  }

  @Override
  public synchronized List<Entry> ofChat(ChatId chat) {
    return rows.stream()
        .filter(row -> row.delivery.message().chat().equals(chat))
        .sorted(
            Comparator.comparing((Row row) -> row.delivery.position())
                .thenComparing(row -> row.delivery.endpointId()))
        .map(row ->
            new Entry(
                row.delivery.id(),
                row.delivery.endpointId(),
                row.delivery.message().externalId(),
                row.state,
                row.attempts))
        .toList();
  }

  @Override
  public synchronized boolean disable(TenantInstance place, String endpointId) {
    return disabled.add(new Endpoint(place, endpointId));
  }

  @Override
  public synchronized List<String> disabledEndpoints(TenantInstance place) {
    return disabled.stream()
        .filter(endpoint -> endpoint.place().equals(place))
        .map(Endpoint::id)
        .toList();
  }

  @Override
  public synchronized boolean enable(TenantInstance place, String endpointId) {
    return disabled.remove(new Endpoint(place, endpointId));
  }
}
