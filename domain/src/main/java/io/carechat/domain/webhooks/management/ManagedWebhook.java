package io.carechat.domain.webhooks.management;

import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.EndpointHealth;

/**
 * An endpoint as those who manage it see it.
 *
 * @param endpoint the endpoint, with only those signing keys that sign now
 * @param health the health of the endpoint
 */
public record ManagedWebhook(WebhookEndpoint endpoint, EndpointHealth health) {
  /** Returns whether the endpoint is called. If it is not, its deliveries wait. */
  public boolean enabled() {
    return health.disabled() == null;
  }
}
