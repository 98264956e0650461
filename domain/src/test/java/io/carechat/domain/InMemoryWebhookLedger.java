package io.carechat.domain;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A webhook ledger without a database. */
public final class InMemoryWebhookLedger implements WebhookLedger, Deliveries {
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

  private record Claim(UUID id, Row row, Instant leaseEnd) {}

  private record Failing(Instant since, Instant last) {}

  private record Order(
      Endpoint endpoint, Redeliverable which, Instant since, Instant askedAt, int after) {}

  private static final class Row {
    private final NewDelivery delivery;
    private final Instant createdAt;
    private final List<DeliveryAttempt> attempts = new ArrayList<>();
    private State state = State.PENDING;
    private int attemptsBefore;
    private Instant due;
    private boolean retries;
    private @Nullable Instant redeliveredAt;

    Row(NewDelivery delivery, Instant createdAt, Instant due) {
      this.delivery = delivery;
      this.createdAt = createdAt;
      this.due = due;
    }

    Lane lane() {
      return Lane.of(delivery);
    }
  }

  private final Consumer<InstanceEvent> events;
  private final List<Row> rows = new ArrayList<>();
  private final Map<Lane, Claim> claims = new HashMap<>();
  private final Map<Endpoint, EndpointHealth.Disabled> disabled = new HashMap<>();
  private final Map<Endpoint, Failing> failing = new HashMap<>();
  private final List<Order> orders = new ArrayList<>();
  private LogPosition plannedUpTo = LogPosition.START;
  private Instant plannedAt = Instant.MIN;

  /** One whose events nobody reads. */
  public InMemoryWebhookLedger() {
    this(event -> {});
  }

  /**
   * @param events where it logs that it disabled endpoints
   */
  public InMemoryWebhookLedger(Consumer<InstanceEvent> events) {
    this.events = events;
  }

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
    Instant time = now.truncatedTo(ChronoUnit.MILLIS);
    plannedAt = time.isAfter(plannedAt) ? time : plannedAt;
    deliveries.forEach(delivery -> rows.add(new Row(delivery, plannedAt, now)));
    plannedUpTo = to;
    return true;
  }

  private Map<Lane, Row> firstPending() {
    Map<Lane, Row> first = new LinkedHashMap<>();
    inOrder(row -> row.state == State.PENDING).forEach(row -> first.putIfAbsent(row.lane(), row));
    return first;
  }

  private Stream<Row> inOrder(Predicate<Row> condition) {
    return rows.stream()
        .filter(condition)
        .sorted(Comparator.comparing((Row row) -> row.delivery.position()));
  }

  private Instant dueOf(Row first) {
    Claim claim = claims.get(first.lane());
    return claim == null ? first.due : claim.leaseEnd();
  }

  @Override
  public synchronized List<ClaimedDelivery> claim(
      int limit, Instant now, Duration lease, ClaimRoom room) {
    Map<Endpoint, Integer> left = new HashMap<>();
    room.specials()
        .forEach(special ->
            left.put(new Endpoint(special.place(), special.endpointId()), special.lanes()));
    List<Row> due =
        firstPending().values().stream()
            .filter(row -> !dueOf(row).isAfter(now))
            .filter(row -> !disabled.containsKey(row.lane().endpoint()))
            .sorted(Comparator.comparing(this::dueOf))
            .toList();
    var claimed = new ArrayList<ClaimedDelivery>();
    for (Row row : due) {
      int free = left.getOrDefault(row.lane().endpoint(), room.lanes());
      if (free > 0 && claimed.size() < limit) {
        left.put(row.lane().endpoint(), free - 1);
        claimed.add(claimed(row, now.plus(lease)));
      }
    }
    return claimed;
  }

  private ClaimedDelivery claimed(Row row, Instant leaseEnd) {
    UUID claim = UUID.randomUUID();
    claims.put(row.lane(), new Claim(claim, row, leaseEnd));
    NewDelivery delivery = row.delivery;
    return new ClaimedDelivery(
        delivery.id(),
        delivery.endpointId(),
        delivery.event(),
        delivery.patientUrl(),
        row.attempts.size() - row.attemptsBefore + 1,
        claim);
  }

  @Override
  public synchronized boolean settle(
      ClaimedDelivery delivery, WebhookAnswer answer, DeliveryOutcome outcome, Instant now) {
    Lane lane = new Lane(delivery.message().chat(), delivery.endpointId());
    Claim claim = claims.get(lane);
    if (claim == null
        || !claim.id().equals(delivery.claim())
        || !claim.row().delivery.id().equals(delivery.id())) {
      return false;
    }
    claims.remove(lane);
    Row row = claim.row();
    row.attempts.add(attempt(row.attempts.size() + 1, answer, now));
    switch (outcome) {
      case DeliveryOutcome.Delivered() -> {
        row.state = State.DELIVERED;
        failing.remove(lane.endpoint());
      }
      case DeliveryOutcome.RetryAt(Instant time) -> {
        row.due = time;
        row.retries = true;
        failed(lane.endpoint(), now);
      }
      case DeliveryOutcome.GaveUp() -> {
        row.state = State.DEAD;
        failed(lane.endpoint(), now);
      }
      case DeliveryOutcome.EndpointUnknown() -> row.state = State.DEAD;
      case DeliveryOutcome.EndpointGone() -> {
        row.due = now;
        disable(lane.endpoint(), InstanceEvent.Reason.GONE, now);
      }
    }
    return true;
  }

  @Override
  public synchronized Optional<ClaimedDelivery> settleAndGoOn(
      ClaimedDelivery delivered, WebhookAnswer answer, Instant now, Duration lease) {
    if (!settle(delivered, answer, new DeliveryOutcome.Delivered(), now)) {
      return Optional.empty();
    }
    Lane lane = new Lane(delivered.message().chat(), delivered.endpointId());
    return Optional.ofNullable(firstPending().get(lane))
        .filter(next -> !next.due.isAfter(now))
        .filter(next -> !disabled.containsKey(lane.endpoint()))
        .map(next -> claimed(next, now.plus(lease)));
  }

  private static DeliveryAttempt attempt(int number, WebhookAnswer answer, Instant now) {
    Duration took = answer.took().truncatedTo(ChronoUnit.MILLIS);
    return switch (answer) {
      case WebhookAnswer.Answered answered ->
          new DeliveryAttempt(number, now, took, answered.status(), answered.firstBytes());
      case WebhookAnswer.Failed failed ->
          new DeliveryAttempt(number, now, took, null, failed.reason());
    };
  }

  private void failed(Endpoint endpoint, Instant now) {
    failing.merge(
        endpoint, new Failing(now, now), (old, latest) -> new Failing(old.since(), latest.last()));
  }

  private void disable(Endpoint endpoint, InstanceEvent.Reason reason, Instant now) {
    Instant at = now.truncatedTo(ChronoUnit.MILLIS);
    if (disabled.putIfAbsent(endpoint, new EndpointHealth.Disabled(reason, at)) == null) {
      events.accept(
          new InstanceEvent.EndpointDisabled(endpoint.place(), endpoint.id(), reason, at));
    }
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
                row.attempts.size()))
        .toList();
  }

  @Override
  public synchronized boolean disable(TenantInstance place, String endpointId) {
    var bySomebody = new EndpointHealth.Disabled(null, Instant.EPOCH);
    return disabled.putIfAbsent(new Endpoint(place, endpointId), bySomebody) == null;
  }

  @Override
  public synchronized Map<String, EndpointHealth> health(TenantInstance place) {
    return Stream.concat(failing.keySet().stream(), disabled.keySet().stream())
        .filter(endpoint -> endpoint.place().equals(place))
        .distinct()
        .collect(
            Collectors.toMap(
                Endpoint::id,
                endpoint -> {
                  Failing times = failing.get(endpoint);
                  return new EndpointHealth(
                      times == null ? null : times.since(), disabled.get(endpoint));
                }));
  }

  @Override
  public synchronized boolean enable(TenantInstance place, String endpointId) {
    var endpoint = new Endpoint(place, endpointId);
    if (disabled.remove(endpoint) == null) {
      return false;
    }
    failing.remove(endpoint);
    return true;
  }

  @Override
  public synchronized int disableFailing(Duration patience, Instant now) {
    Set<Endpoint> hopeless = new HashSet<>();
    failing.forEach((endpoint, times) -> {
      if (!times.last().isBefore(times.since().plus(patience)) && !disabled.containsKey(endpoint)) {
        hopeless.add(endpoint);
      }
    });
    hopeless.forEach(endpoint -> disable(endpoint, InstanceEvent.Reason.FAILING, now));
    return hopeless.size();
  }

  private Optional<Row> row(TenantInstance place, String endpointId, DeliveryId id) {
    return rows.stream()
        .filter(row -> row.lane().endpoint().equals(new Endpoint(place, endpointId)))
        .filter(row -> row.delivery.id().equals(id))
        .findFirst();
  }

  private void renew(Row row, Instant now) {
    row.state = State.PENDING;
    row.attemptsBefore = row.attempts.size();
    row.due = now;
    row.retries = false;
    row.redeliveredAt = now;
  }

  @Override
  public synchronized Redelivered redeliver(
      TenantInstance place, String endpointId, DeliveryId id, Instant now) {
    Optional<Row> found = row(place, endpointId, id);
    if (found.isEmpty()) {
      return new Redelivered.NoSuchDelivery();
    }
    Row row = found.get();
    Row first = firstPending().get(row.lane());
    if (row.state != State.PENDING) {
      renew(row, now);
    } else if (first != null && !first.equals(row)) {
      return new Redelivered.WaitsFor(first.delivery.id());
    } else if (!claims.containsKey(row.lane())) {
      row.due = now;
      row.retries = false;
    }
    return new Redelivered.Due();
  }

  private static boolean concerns(Order order, Row row) {
    return row.lane().endpoint().equals(order.endpoint())
        && (row.state == State.DEAD
            || (row.state == State.DELIVERED && order.which() == Redeliverable.ALL))
        && !row.createdAt.isBefore(order.since())
        && !row.createdAt.isAfter(order.askedAt())
        && (row.redeliveredAt == null || row.redeliveredAt.isBefore(order.askedAt()));
  }

  @Override
  public synchronized int redeliverAll(
      TenantInstance place, String endpointId, Redeliverable which, Instant since, Instant now) {
    var order = new Order(new Endpoint(place, endpointId), which, since, now, 0);
    orders.add(order);
    return (int) rows.stream().filter(row -> concerns(order, row)).limit(MOST_COUNTED).count();
  }

  @Override
  public synchronized boolean continueRedeliveries(int chats, Instant now) {
    if (orders.isEmpty()) {
      return false;
    }
    Order order = orders.removeFirst();
    List<Row> all = inOrder(row -> true).toList();
    var lanes = new HashSet<Lane>();
    int next = order.after();
    while (next < all.size() && lanes.size() < chats) {
      if (concerns(order, all.get(next))) {
        lanes.add(all.get(next).lane());
      }
      next++;
    }
    all.stream()
        .filter(row -> lanes.contains(row.lane()) && concerns(order, row))
        .forEach(row -> {
          renew(row, now);
          row.redeliveredAt = order.askedAt();
        });
    if (next < all.size()) {
      orders.addFirst(
          new Order(order.endpoint(), order.which(), order.since(), order.askedAt(), next));
    }
    return !orders.isEmpty();
  }

  @Override
  public synchronized int forgetDelivered(Instant before, int limit) {
    List<Row> old =
        inOrder(row -> row.state == State.DELIVERED && row.createdAt.isBefore(before))
            .limit(limit)
            .toList();
    rows.removeAll(old);
    return old.size();
  }

  // --- as partners read it ---

  @Override
  public synchronized List<Delivery> read(
      TenantInstance place, String endpointId, Filter filter, Range range, int limit) {
    Comparator<Row> order = Comparator.comparing(row -> view(row).place());
    List<Row> newestFirst =
        rows.stream()
            .filter(row -> row.lane().endpoint().equals(new Endpoint(place, endpointId)))
            .filter(row -> filter.state() == null || row.state == filter.state())
            .filter(row ->
                filter.patient() == null || row.lane().chat().patient().equals(filter.patient()))
            .filter(row -> filter.from() == null || !row.createdAt.isBefore(filter.from()))
            .filter(row -> filter.to() == null || row.createdAt.isBefore(filter.to()))
            .sorted(order.reversed())
            .toList();
    List<Row> page =
        switch (range) {
          case Range.Newest() -> newestFirst.stream().limit(limit).toList();
          case Range.Before(Delivery.Place border) ->
              newestFirst.stream()
                  .filter(row -> view(row).place().compareTo(border) < 0)
                  .limit(limit)
                  .toList();
          case Range.After(Delivery.Place border) -> {
            List<Row> newer =
                newestFirst.stream()
                    .filter(row -> view(row).place().compareTo(border) > 0)
                    .toList();
            yield newer.subList(Math.max(0, newer.size() - limit), newer.size());
          }
        };
    return page.stream().map(this::view).toList();
  }

  private Delivery view(Row row) {
    Row first = row.state == State.PENDING ? firstPending().getOrDefault(row.lane(), row) : null;
    Instant asked =
        row.redeliveredAt == null || row.redeliveredAt.isBefore(row.createdAt)
            ? row.createdAt
            : row.redeliveredAt;
    return new Delivery(
        row.delivery.id(),
        row.delivery.endpointId(),
        row.delivery.position(),
        Delivery.Type.of(row.delivery.event()),
        row.lane().chat(),
        row.delivery.message().externalId(),
        row.state,
        row.attempts.size(),
        row.createdAt,
        row.redeliveredAt,
        row.equals(first) && !disabled.containsKey(row.lane().endpoint())
            ? row.retries ? row.due : asked
            : null,
        first == null || first.equals(row) ? null : first.delivery.id());
  }

  @Override
  public synchronized Optional<Delivery> find(
      TenantInstance place, String endpointId, DeliveryId id) {
    return row(place, endpointId, id).map(this::view);
  }

  @Override
  public synchronized List<DeliveryAttempt> attempts(
      TenantInstance place, String endpointId, DeliveryId id) {
    List<DeliveryAttempt> all =
        row(place, endpointId, id).map(row -> row.attempts).orElse(List.of());
    return List.copyOf(all.subList(Math.max(0, all.size() - MOST_ATTEMPTS), all.size()));
  }

  @Override
  public synchronized boolean anyOf(TenantInstance place, String endpointId) {
    return rows.stream()
        .anyMatch(row -> row.lane().endpoint().equals(new Endpoint(place, endpointId)));
  }
}
