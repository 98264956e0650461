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
   * Posts a test to an endpoint once, in the endpoint's form. This method never throws because of
   * what the endpoint or the network does. It always returns within 20 seconds.
   *
   * @param id the id of the test delivery
   * @param patientUrl the address that the form {@link WebhookPayload#SOURCE} contains. It belongs
   *     to a patient who does not exist, whose id is the UUID of zeros.
   * @param at the time of the test, in whole milliseconds
   */
  WebhookAnswer ping(WebhookEndpoint endpoint, DeliveryId id, URI patientUrl, Instant at);
}
