package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;

/** Calls endpoints. Safe for use by many threads. */
public interface WebhookSender {
  /**
   * Posts a delivery to an endpoint once: the same delivery always has the same body. Never throws
   * for what the endpoint or the network does, and returns within 20 seconds whatever they do.
   */
  WebhookAnswer send(WebhookEndpoint endpoint, ClaimedDelivery delivery);
}
