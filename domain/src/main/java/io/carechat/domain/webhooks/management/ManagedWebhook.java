package io.carechat.domain.webhooks.management;

import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.delivery.EndpointHealth;

/**
 * An endpoint as those see it who manage it.
 *
 * @param endpoint with the signing keys that sign now
 * @param health how it does
 */
public record ManagedWebhook(WebhookEndpoint endpoint, EndpointHealth health) {
  /** Whether it is called; if not, what is for it waits. */
  public boolean enabled() {
    return health.disabled() == null;
  }
}
