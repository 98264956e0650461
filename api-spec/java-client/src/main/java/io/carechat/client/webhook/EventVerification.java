package io.carechat.client.webhook;

import io.carechat.client.webhook.model.WebhookEvent;
import java.time.Instant;

/** What {@link WebhookVerifier#verifyEvent} found out about a call. */
public sealed interface EventVerification permits EventVerification.Genuine, Verification.Refused {

  /**
   * The call came from carechat, within the last minutes, and nobody changed it.
   *
   * @param webhookId the id of the delivery, the same on every try: answer an id that you have
   *     processed before with success, and do nothing else
   * @param sentAt when this try was made, to the second
   * @param event what happened; with the payload {@code THIN} in ids only
   */
  record Genuine(String webhookId, Instant sentAt, WebhookEvent event)
      implements EventVerification {}
}
