package io.carechat.domain.webhooks.management;

import io.carechat.domain.webhooks.DeliveryId;
import io.carechat.domain.webhooks.WebhookAnswer;
import io.carechat.domain.webhooks.WebhookEndpoint;
import io.carechat.domain.webhooks.WebhookPayload;
import java.net.URI;
import java.time.Instant;

/** Tests endpoints. Safe for use by many threads. */
@FunctionalInterface
public interface WebhookPing {
  /**
   * Posts a test to an endpoint once, in the endpoint's form. Never throws for what the endpoint or
   * the network does, and returns within 20 seconds whatever they do.
   *
   * @param patientUrl where the page of the patient would be whom the form {@link
   *     WebhookPayload#SOURCE} names, who is none: the UUID of zeros
   * @param at in whole milliseconds
   */
  WebhookAnswer ping(WebhookEndpoint endpoint, DeliveryId id, URI patientUrl, Instant at);
}
