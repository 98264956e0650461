package io.carechat.domain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A registry of endpoints without a database. */
public final class InMemoryWebhookRegistry implements WebhookRegistry {
  private final boolean keepsSecrets;
  private final List<WebhookEndpoint> endpoints = new ArrayList<>();
  private long revision;

  /** One with a key for secrets. */
  public InMemoryWebhookRegistry() {
    this(true);
  }

  /**
   * @param keepsSecrets whether it has a key for secrets
   */
  public InMemoryWebhookRegistry(boolean keepsSecrets) {
    this.keepsSecrets = keepsSecrets;
  }

  @Override
  public synchronized long revision() {
    return revision;
  }

  @Override
  public synchronized List<WebhookEndpoint> of(TenantInstance place) {
    return endpoints.stream()
        .filter(endpoint -> endpoint.place().equals(place))
        .sorted(
            Comparator.comparing((WebhookEndpoint endpoint) -> api(endpoint).createdAt())
                .thenComparing(WebhookEndpoint::id))
        .toList();
  }

  @Override
  public boolean keepsSecrets() {
    return keepsSecrets;
  }

  @Override
  public synchronized boolean add(WebhookEndpoint endpoint, int most) {
    if (!keepsSecrets) {
      throw new IllegalStateException("There is no key for secrets.");
    }
    var _ = api(endpoint);
    if (of(endpoint.place()).size() >= most) {
      return false;
    }
    endpoints.add(endpoint);
    revision++;
    return true;
  }

  @Override
  public synchronized boolean replace(WebhookEndpoint changed) {
    boolean removed =
        endpoints.removeIf(endpoint ->
            endpoint.place().equals(changed.place())
                && endpoint.id().equals(changed.id())
                && api(endpoint).version() == api(changed).version() - 1);
    if (removed) {
      endpoints.add(changed);
      revision++;
    }
    return removed;
  }

  @Override
  public synchronized boolean remove(TenantInstance place, String id) {
    boolean removed =
        endpoints.removeIf(endpoint -> endpoint.place().equals(place) && endpoint.id().equals(id));
    if (removed) {
      revision++;
    }
    return removed;
  }

  private static WebhookEndpoint.Origin.Api api(WebhookEndpoint endpoint) {
    return switch (endpoint.origin()) {
      case WebhookEndpoint.Origin.Api api -> api;
      case WebhookEndpoint.Origin.Configuration configuration ->
          throw new IllegalStateException("An endpoint of the configuration is not kept.");
    };
  }
}
