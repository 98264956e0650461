package io.carechat.domain;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The endpoints of the configuration, and those of the API as they were last read: calls would wait
 * for the database otherwise. What another node changes is noticed within a second, or at the next
 * {@link #refresh}.
 */
public final class KnownEndpoints implements WebhookEndpoints {
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** What was read since the registry had a revision, and so has at least that. */
  private record Snapshot(long revision, Map<TenantInstance, List<WebhookEndpoint>> byPlace) {}

  private final Map<TenantInstance, List<WebhookEndpoint>> configured;
  private final WebhookRegistry registry;
  private final LongSupplier nanoTime;
  private final ReentrantLock refreshing = new ReentrantLock();
  private volatile Snapshot snapshot = new Snapshot(-1, new ConcurrentHashMap<>());
  private volatile long refreshedAt;

  /**
   * @param nanoTime such as {@link System#nanoTime}
   */
  public KnownEndpoints(
      List<WebhookEndpoint> configured, WebhookRegistry registry, LongSupplier nanoTime) {
    this.configured = configured.stream().collect(Collectors.groupingBy(WebhookEndpoint::place));
    this.registry = registry;
    this.nanoTime = nanoTime;
    this.refreshedAt = nanoTime.getAsLong() - FRESH.toNanos();
  }

  @Override
  public void refresh() {
    long start = nanoTime.getAsLong();
    long revision = registry.revision();
    if (snapshot.revision() != revision) {
      snapshot = new Snapshot(revision, new ConcurrentHashMap<>());
    }
    refreshedAt = start;
  }

  /** One thread asks, and the others go on with what is there. */
  private void refreshIfStale() {
    if (nanoTime.getAsLong() - refreshedAt >= FRESH.toNanos() && refreshing.tryLock()) {
      try {
        refresh();
      } finally {
        refreshing.unlock();
      }
    }
  }

  @Override
  public List<WebhookEndpoint> of(TenantInstance place) {
    refreshIfStale();
    Map<TenantInstance, List<WebhookEndpoint>> byPlace = snapshot.byPlace();
    List<WebhookEndpoint> registered = byPlace.get(place);
    if (registered == null) {
      registered = registry.of(place);
      byPlace.put(place, registered);
    }
    return Stream.concat(configured.getOrDefault(place, List.of()).stream(), registered.stream())
        .toList();
  }

  @Override
  public Optional<WebhookEndpoint> find(TenantInstance place, String id) {
    return of(place).stream().filter(endpoint -> endpoint.id().equals(id)).findFirst();
  }
}
