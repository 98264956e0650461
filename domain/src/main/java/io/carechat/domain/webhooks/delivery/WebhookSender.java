package io.carechat.domain.webhooks.delivery;

import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;

/** Calls endpoints. Safe for use by many threads. */
public interface WebhookSender {
  /**
   * Posts a delivery to an endpoint once. The body of a delivery is always the same. This method
   * never throws because of what the endpoint or the network does. It always returns within 20
   * seconds.
   */
  WebhookAnswer send(WebhookEndpoint endpoint, ClaimedDelivery delivery);
}
