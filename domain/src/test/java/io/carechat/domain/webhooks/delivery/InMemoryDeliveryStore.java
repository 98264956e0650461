package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.InMemoryWebhookRegistry;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEventType;
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
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Deliveries without a database. */
public final class InMemoryDeliveryStore
    implements DeliveryPlans,
        DeliveryQueue,
        EndpointStates,
        Redeliveries,
        DeliveryRetention,
        DeliveryQueries,
        InMemoryWebhookRegistry.Switches {
  private record Lane(ChatId chat, EndpointId endpointId) {
    static Lane of(NewDelivery delivery) {
      return new Lane(delivery.message().chat(), delivery.endpointId());
    }

    Endpoint endpoint() {
      return new Endpoint(chat.instance(), endpointId);
    }
  }

  private record Endpoint(TenantInstance instance, EndpointId id) {}

  private record EventForEndpoint(LogPosition position, Endpoint endpoint) {}

  private record Claim(UUID id, Row row, Instant leaseEnd) {}

  private record Failing(Instant since, Instant last) {}

  /** Redeliveries that were asked for. The first {@code after} rows have been looked at. */
  private record Request(
      Endpoint endpoint, Redeliverable which, Instant since, Instant askedAt, int after) {}

  private static final class Row {
    private final NewDelivery delivery;
    private final Instant createdAt;
    private final List<DeliveryAttempt> attempts = new ArrayList<>();
    private DeliveryState state = DeliveryState.PENDING;
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
  private final InMemoryWebhookRegistry registry = new InMemoryWebhookRegistry(this);
  private final List<Row> rows = new ArrayList<>();
  private final Map<Lane, Claim> claims = new HashMap<>();
  private final Map<Endpoint, EndpointHealth.Disabled> disabled = new HashMap<>();
  private final Map<Endpoint, Failing> failing = new HashMap<>();
  private final List<Request> requests = new ArrayList<>();
  private long claimsMade;
  private LogPosition plannedUpTo = LogPosition.START;
  private Instant plannedAt = Instant.MIN;

  /** A store whose events nobody reads. */
  public InMemoryDeliveryStore() {
    this(event -> {});
  }

  /**
   * @param events takes what is logged when an endpoint is disabled because it is gone or failing
   */
  public InMemoryDeliveryStore(Consumer<InstanceEvent> events) {
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
    var seen = new HashSet<EventForEndpoint>();
    for (NewDelivery delivery : deliveries) {
      if (!seen.add(new EventForEndpoint(delivery.position(), Lane.of(delivery).endpoint()))) {
        throw new IllegalArgumentException("An endpoint would get one event twice.");
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
    inOrder(row -> row.state == DeliveryState.PENDING)
        .forEach(row -> first.putIfAbsent(row.lane(), row));
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
      int limit, Instant now, Duration lease, ClaimLimits limits) {
    Map<Endpoint, Integer> left = new HashMap<>();
    limits
        .exceptions()
        .forEach(exception ->
            left.put(
                new Endpoint(exception.instance(), exception.endpointId()), exception.lanes()));
    List<Row> due =
        firstPending().values().stream()
            .filter(row -> !dueOf(row).isAfter(now))
            .filter(row -> !disabled.containsKey(row.lane().endpoint()))
            .sorted(Comparator.comparing(this::dueOf))
            .toList();
    var claimed = new ArrayList<ClaimedDelivery>();
    for (Row row : due) {
      int free = left.getOrDefault(row.lane().endpoint(), limits.lanes());
      if (free > 0 && claimed.size() < limit) {
        left.put(row.lane().endpoint(), free - 1);
        claimed.add(claimed(row, now.plus(lease)));
      }
    }
    return claimed;
  }

  private ClaimedDelivery claimed(Row row, Instant leaseEnd) {
    var claim = new UUID(0, ++claimsMade);
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
        row.state = DeliveryState.DELIVERED;
        failing.remove(lane.endpoint());
      }
      case DeliveryOutcome.RetryAt(Instant time) -> {
        row.due = time;
        row.retries = true;
        failed(lane.endpoint(), now);
      }
      case DeliveryOutcome.GaveUp() -> {
        row.state = DeliveryState.DEAD;
        failed(lane.endpoint(), now);
      }
      case DeliveryOutcome.EndpointUnknown() -> row.state = DeliveryState.DEAD;
      case DeliveryOutcome.EndpointGone() -> {
        row.due = now;
        disable(lane.endpoint(), InstanceEvent.Reason.GONE, now);
      }
    }
    return true;
  }

  @Override
  public synchronized Optional<ClaimedDelivery> settleAndClaimNext(
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
          new InstanceEvent.EndpointDisabled(endpoint.instance(), endpoint.id(), reason, at));
      registry.raiseVersion(endpoint.instance(), endpoint.id(), at);
    }
  }

  /** The registry of endpoints of the same store, which has a key for secrets. */
  public InMemoryWebhookRegistry registry() {
    return registry;
  }

  /** All ports of this store. */
  public DeliveryPorts ports() {
    return new DeliveryPorts(this, this, this, this, this, this, registry);
  }

  @Override
  public synchronized void hold(TenantInstance instance, EndpointId endpointId, Instant at) {
    disabled.putIfAbsent(new Endpoint(instance, endpointId), new EndpointHealth.Disabled(null, at));
  }

  @Override
  public synchronized void release(TenantInstance instance, EndpointId endpointId) {
    var endpoint = new Endpoint(instance, endpointId);
    if (disabled.remove(endpoint) != null) {
      failing.remove(endpoint);
    }
  }

  @Override
  public synchronized Map<EndpointId, EndpointHealth> health(TenantInstance instance) {
    return Stream.concat(failing.keySet().stream(), disabled.keySet().stream())
        .filter(endpoint -> endpoint.instance().equals(instance))
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
  public synchronized boolean enable(TenantInstance instance, EndpointId endpointId) {
    var endpoint = new Endpoint(instance, endpointId);
    EndpointHealth.Disabled was = disabled.remove(endpoint);
    if (was == null) {
      return false;
    }
    failing.remove(endpoint);
    registry.raiseVersion(instance, endpointId, was.at());
    return true;
  }

  @Override
  public synchronized int disableFailing(Duration tolerated, Instant now) {
    Set<Endpoint> toDisable = new HashSet<>();
    failing.forEach((endpoint, times) -> {
      if (!times.last().isBefore(times.since().plus(tolerated))
          && !disabled.containsKey(endpoint)) {
        toDisable.add(endpoint);
      }
    });
    toDisable.forEach(endpoint -> disable(endpoint, InstanceEvent.Reason.FAILING, now));
    return toDisable.size();
  }

  private Optional<Row> row(TenantInstance instance, EndpointId endpointId, DeliveryId id) {
    return rows.stream()
        .filter(row -> row.lane().endpoint().equals(new Endpoint(instance, endpointId)))
        .filter(row -> row.delivery.id().equals(id))
        .findFirst();
  }

  private void renew(Row row, Instant now) {
    row.state = DeliveryState.PENDING;
    row.attemptsBefore = row.attempts.size();
    row.due = now;
    row.retries = false;
    row.redeliveredAt = now;
  }

  @Override
  public synchronized Outcome redeliver(
      TenantInstance instance, EndpointId endpointId, DeliveryId id, Instant now) {
    Optional<Row> found = row(instance, endpointId, id);
    if (found.isEmpty()) {
      return new Outcome.NoSuchDelivery();
    }
    Row row = found.get();
    Row first = firstPending().get(row.lane());
    if (row.state != DeliveryState.PENDING) {
      renew(row, now);
    } else if (first != null && !first.equals(row)) {
      return new Outcome.WaitsFor(first.delivery.id());
    } else if (!claims.containsKey(row.lane())) {
      row.due = now;
      row.retries = false;
    }
    return new Outcome.Due();
  }

  private static boolean concerns(Request request, Row row) {
    return row.lane().endpoint().equals(request.endpoint())
        && (row.state == DeliveryState.DEAD
            || (row.state == DeliveryState.DELIVERED && request.which() == Redeliverable.ALL))
        && !row.createdAt.isBefore(request.since())
        && !row.createdAt.isAfter(request.askedAt())
        && (row.redeliveredAt == null || row.redeliveredAt.isBefore(request.askedAt()));
  }

  @Override
  public synchronized OptionalInt redeliverAll(
      TenantInstance instance,
      EndpointId endpointId,
      Redeliverable which,
      Instant since,
      Instant now) {
    var request = new Request(new Endpoint(instance, endpointId), which, since, now, 0);
    if (requests.stream().anyMatch(other -> other.endpoint().equals(request.endpoint()))) {
      return OptionalInt.empty();
    }
    requests.add(request);
    return OptionalInt.of(
        (int) rows.stream().filter(row -> concerns(request, row)).limit(MAX_COUNTED).count());
  }

  @Override
  public synchronized boolean continueBatch(int chats, Instant now) {
    if (requests.isEmpty()) {
      return false;
    }
    Request request = requests.removeFirst();
    List<Row> all = inOrder(row -> true).toList();
    var lanes = new HashSet<Lane>();
    int next = request.after();
    while (next < all.size() && lanes.size() < chats) {
      if (concerns(request, all.get(next))) {
        lanes.add(all.get(next).lane());
      }
      next++;
    }
    all.stream()
        .filter(row -> lanes.contains(row.lane()) && concerns(request, row))
        .forEach(row -> {
          renew(row, now);
          row.redeliveredAt = request.askedAt();
        });
    if (next < all.size()) {
      requests.addFirst(
          new Request(
              request.endpoint(), request.which(), request.since(), request.askedAt(), next));
    }
    return !requests.isEmpty();
  }

  @Override
  public synchronized int forgetDelivered(Instant before, int limit) {
    List<Row> old =
        inOrder(row -> row.state == DeliveryState.DELIVERED && row.createdAt.isBefore(before))
            .limit(limit)
            .toList();
    rows.removeAll(old);
    return old.size();
  }

  @Override
  public synchronized List<Delivery> read(
      TenantInstance instance,
      EndpointId endpointId,
      Filter filter,
      Window<Delivery.Key> window,
      int limit) {
    Map<Lane, Row> first = firstPending();
    List<Delivery> newestFirst =
        rows.stream()
            .filter(row -> row.lane().endpoint().equals(new Endpoint(instance, endpointId)))
            .filter(row -> filter.state() == null || row.state == filter.state())
            .filter(row ->
                filter.patient() == null || row.lane().chat().patient().equals(filter.patient()))
            .filter(row -> filter.from() == null || !row.createdAt.isBefore(filter.from()))
            .filter(row -> filter.to() == null || row.createdAt.isBefore(filter.to()))
            .map(row -> view(row, first))
            .filter(delivery -> window.contains(delivery.key()))
            .sorted(Comparator.comparing(Delivery::key).reversed())
            .toList();
    int fartherNewer =
        window instanceof Window.After<Delivery.Key> ? Math.max(0, newestFirst.size() - limit) : 0;
    return newestFirst.stream().skip(fartherNewer).limit(limit).toList();
  }

  private Delivery view(Row row, Map<Lane, Row> firstPending) {
    Row first =
        row.state == DeliveryState.PENDING ? firstPending.getOrDefault(row.lane(), row) : null;
    Instant asked =
        row.redeliveredAt == null || row.redeliveredAt.isBefore(row.createdAt)
            ? row.createdAt
            : row.redeliveredAt;
    return new Delivery(
        row.delivery.id(),
        row.delivery.endpointId(),
        row.delivery.position(),
        WebhookEventType.of(row.delivery.event()),
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
      TenantInstance instance, EndpointId endpointId, DeliveryId id) {
    return row(instance, endpointId, id).map(row -> view(row, firstPending()));
  }

  @Override
  public synchronized List<DeliveryAttempt> attempts(
      TenantInstance instance, EndpointId endpointId, DeliveryId id) {
    List<DeliveryAttempt> all =
        row(instance, endpointId, id).map(row -> row.attempts).orElse(List.of());
    return List.copyOf(all.subList(Math.max(0, all.size() - MAX_ATTEMPTS), all.size()));
  }

  @Override
  public synchronized boolean anyOf(TenantInstance instance, EndpointId endpointId) {
    return rows.stream()
        .anyMatch(row -> row.lane().endpoint().equals(new Endpoint(instance, endpointId)));
  }
}
