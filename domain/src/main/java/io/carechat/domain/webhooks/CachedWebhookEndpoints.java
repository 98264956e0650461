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
 * The endpoints of the configuration, and those of the API as they were last read: calls would wait
 * for the database otherwise. What another node changes is noticed within a second, or at the next
 * {@link #refresh}.
 */
public final class CachedWebhookEndpoints implements WebhookEndpoints {
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** What was read since the registry had a revision, and so has at least that. */
  private record Snapshot(long revision, Map<TenantInstance, List<WebhookEndpoint>> byInstance) {}

  private final Map<TenantInstance, List<WebhookEndpoint>> configured;
  private final WebhookRegistry registry;
  private final LongSupplier nanoTime;
  private final ReentrantLock refreshing = new ReentrantLock();
  private volatile Snapshot snapshot = new Snapshot(-1, new ConcurrentHashMap<>());
  private volatile long refreshedAt;

  /**
   * @param nanoTime such as {@link System#nanoTime}
   */
  public CachedWebhookEndpoints(
      List<WebhookEndpoint> configured, WebhookRegistry registry, LongSupplier nanoTime) {
    this.configured = configured.stream().collect(Collectors.groupingBy(WebhookEndpoint::instance));
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
