package io.carechat.domain.webhooks;

import io.carechat.domain.chat.EndpointId;
import io.carechat.domain.chat.TenantInstance;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A registry of endpoints without a database. It holds the lock of its {@link Switches} while it
 * changes something, so that a change and its being enabled or disabled are seen together.
 */
public final class InMemoryWebhookRegistry implements WebhookRegistry {
  /** Which endpoints are disabled. An implementation guards its state with its own monitor. */
  public interface Switches {
    /** Holds back the deliveries of an endpoint, unless they are held back already. */
    void hold(TenantInstance instance, EndpointId id, Instant at);

    /** Lets an endpoint have its deliveries again. */
    void release(TenantInstance instance, EndpointId id);

    /** For a registry whose endpoints have no deliveries. */
    static Switches none() {
      return new Switches() {
        @Override
        public void hold(TenantInstance instance, EndpointId id, Instant at) {
          // Nobody reads it.
        }

        @Override
        public void release(TenantInstance instance, EndpointId id) {
          // Nobody reads it.
        }
      };
    }
  }

  private final boolean keepsSecrets;
  private final Switches switches;
  private final List<WebhookEndpoint> endpoints = new ArrayList<>();
  private long revision;

  /** A registry with a key for secrets, whose endpoints have no deliveries. */
  public InMemoryWebhookRegistry() {
    this(Switches.none());
  }

  /** A registry with a key for secrets. */
  public InMemoryWebhookRegistry(Switches switches) {
    this(true, switches);
  }

  /**
   * @param keepsSecrets whether it has a key for secrets
   */
  public InMemoryWebhookRegistry(boolean keepsSecrets, Switches switches) {
    this.keepsSecrets = keepsSecrets;
    this.switches = switches;
  }

  @Override
  public long revision() {
    synchronized (switches) {
      return revision;
    }
  }

  @Override
  public List<WebhookEndpoint> of(TenantInstance instance) {
    synchronized (switches) {
      return endpoints.stream()
          .filter(endpoint -> endpoint.instance().equals(instance))
          .sorted(
              Comparator.comparing((WebhookEndpoint endpoint) -> api(endpoint).createdAt())
                  .thenComparing(WebhookEndpoint::id))
          .toList();
    }
  }

  @Override
  public boolean keepsSecrets() {
    return keepsSecrets;
  }

  @Override
  public boolean add(WebhookEndpoint endpoint, boolean enabled, int max) {
    if (!keepsSecrets) {
      throw new IllegalStateException("There is no key for secrets.");
    }
    Instant createdAt = api(endpoint).createdAt();
    synchronized (switches) {
      if (of(endpoint.instance()).size() >= max) {
        return false;
      }
      WebhookUrlConflict.check(endpoint.id(), endpoint.url(), urls(endpoint.instance()));
      endpoints.add(endpoint);
      revision++;
      if (!enabled) {
        switches.hold(endpoint.instance(), endpoint.id(), createdAt);
      }
      return true;
    }
  }

  @Override
  public boolean replace(WebhookEndpoint changed, @Nullable Boolean enabled) {
    synchronized (switches) {
      Map<EndpointId, URI> before = urls(changed.instance());
      boolean hasPrevious = endpoints.stream().anyMatch(endpoint -> isPrevious(endpoint, changed));
      if (hasPrevious) {
        WebhookUrlConflict.checkChange(changed.id(), changed.url(), before);
      }
      boolean removed = endpoints.removeIf(endpoint -> isPrevious(endpoint, changed));
      if (!removed) {
        return false;
      }
      endpoints.add(changed);
      revision++;
      if (enabled != null) {
        if (enabled) {
          switches.release(changed.instance(), changed.id());
        } else {
          switches.hold(changed.instance(), changed.id(), api(changed).updatedAt());
        }
      }
      return true;
    }
  }

  @Override
  public boolean remove(TenantInstance instance, EndpointId id) {
    synchronized (switches) {
      boolean removed =
          endpoints.removeIf(
              endpoint -> endpoint.instance().equals(instance) && endpoint.id().equals(id));
      if (removed) {
        revision++;
        switches.release(instance, id);
      }
      return removed;
    }
  }

  /** Raises the version of an endpoint that was not enabled or disabled by its partner. */
  public void raiseVersion(TenantInstance instance, EndpointId id, Instant at) {
    synchronized (switches) {
      revision++;
      endpoints.replaceAll(each ->
          each.instance().equals(instance) && each.id().equals(id)
              ? new WebhookEndpoint(
                  instance, id, each.subscription(), each.secrets(), api(each).changedAt(at))
              : each);
    }
  }

  private static boolean isPrevious(WebhookEndpoint endpoint, WebhookEndpoint changed) {
    return endpoint.instance().equals(changed.instance())
        && endpoint.id().equals(changed.id())
        && api(endpoint).version() == api(changed).version() - 1;
  }

  private Map<EndpointId, URI> urls(TenantInstance instance) {
    return of(instance).stream()
        .collect(Collectors.toMap(WebhookEndpoint::id, WebhookEndpoint::url));
  }

  private static WebhookEndpoint.Origin.Api api(WebhookEndpoint endpoint) {
    return switch (endpoint.origin()) {
      case WebhookEndpoint.Origin.Api api -> api;
      case WebhookEndpoint.Origin.Configuration configuration ->
          throw new IllegalStateException("An endpoint of the configuration is not kept.");
    };
  }
}
