package io.carechat.bootstrap;

import io.carechat.domain.TenantInstance;
import io.carechat.domain.WebhookEndpoint;
import io.carechat.domain.WebhookEndpoints;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The webhook endpoints of the configuration. */
final class ConfiguredWebhooks implements WebhookEndpoints {
  private final Map<TenantInstance, List<WebhookEndpoint>> byPlace;

  ConfiguredWebhooks(List<WebhookEndpoint> endpoints) {
    byPlace = endpoints.stream().collect(Collectors.groupingBy(WebhookEndpoint::place));
  }

  @Override
  public List<WebhookEndpoint> of(TenantInstance place) {
    return byPlace.getOrDefault(place, List.of());
  }

  @Override
  public Optional<WebhookEndpoint> find(TenantInstance place, String id) {
    return of(place).stream().filter(endpoint -> endpoint.id().equals(id)).findFirst();
  }
}
