package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
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
 * Gives the endpoints of the configuration and a cached copy of those that the API has created.
 * Without the cache, every delivery would have to wait for the database. A change made by another
 * node is noticed within a second, or at the next {@link #refresh}. Safe for use by many threads.
 */
public final class CachedWebhookEndpoints implements WebhookEndpoints {
  private static final Duration MAX_AGE = Duration.ofSeconds(1);

  /**
   * What was read after the registry had a revision. So it contains at least the changes of that
   * revision.
   */
  private record Snapshot(long revision, Map<TenantInstance, List<WebhookEndpoint>> byInstance) {}

  private final Map<TenantInstance, List<WebhookEndpoint>> configured;
  private final WebhookRegistry registry;
  private final LongSupplier nanoTime;
  private final ReentrantLock refreshing = new ReentrantLock();
  private volatile Snapshot snapshot = new Snapshot(-1, new ConcurrentHashMap<>());
  private volatile long refreshedAt;

  /**
   * @param configured the endpoints of the configuration
   * @param registry the endpoints of the API
   * @param nanoTime returns a time in nanoseconds, such as {@link System#nanoTime}
   */
  public CachedWebhookEndpoints(
      List<WebhookEndpoint> configured, WebhookRegistry registry, LongSupplier nanoTime) {
    this.configured = configured.stream().collect(Collectors.groupingBy(WebhookEndpoint::instance));
    this.registry = registry;
    this.nanoTime = nanoTime;
    this.refreshedAt = nanoTime.getAsLong() - MAX_AGE.toNanos();
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

  /**
   * Refreshes a cache that is too old. One thread refreshes it, and the others use the old copy
   * meanwhile.
   */
  private void refreshIfStale() {
    if (nanoTime.getAsLong() - refreshedAt >= MAX_AGE.toNanos() && refreshing.tryLock()) {
      try {
        refresh();
      } finally {
        refreshing.unlock();
      }
    }
  }

  @Override
  public List<WebhookEndpoint> of(TenantInstance instance) {
    refreshIfStale();
    Map<TenantInstance, List<WebhookEndpoint>> byInstance = snapshot.byInstance();
    List<WebhookEndpoint> registered = byInstance.get(instance);
    if (registered == null) {
      registered = registry.of(instance);
      byInstance.put(instance, registered);
    }
    return Stream.concat(configured.getOrDefault(instance, List.of()).stream(), registered.stream())
        .toList();
  }

  @Override
  public Optional<WebhookEndpoint> find(TenantInstance instance, EndpointId id) {
    return of(instance).stream().filter(endpoint -> endpoint.id().equals(id)).findFirst();
  }
}
