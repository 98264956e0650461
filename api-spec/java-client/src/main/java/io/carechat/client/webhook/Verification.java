package io.carechat.client.webhook;

import io.carechat.client.webhook.model.DeliveredMessage;
import java.time.Instant;

/** What {@link WebhookVerifier#verify} found out about a call. */
public sealed interface Verification {

  /**
   * The call came from carechat, within the last minutes, and nobody changed it.
   *
   * @param webhookId the id of the delivery, the same on every try: answer an id that you have
   *     processed before with success, and do nothing else
   * @param sentAt when this try was made, to the second
   * @param message what is delivered
   */
  record Genuine(String webhookId, Instant sentAt, DeliveredMessage message)
      implements Verification {}

  /**
   * The call must not be believed. Answer it with 401, or 400 for {@link Reason#UNREADABLE_BODY}.
   *
   * @param reason why not
   */
  record Refused(Reason reason) implements Verification, EventVerification {}

  /** Why a call must not be believed. */
  enum Reason {
    /**
     * {@code webhook-id}, {@code webhook-timestamp} or {@code webhook-signature} is absent, empty
     * or there more than once.
     */
    MISSING_HEADER,
    /** {@code webhook-timestamp} is not a whole number of seconds. */
    MALFORMED_TIMESTAMP,
    /**
     * It was signed longer ago than {@link WebhookVerifier#TOLERANCE}: perhaps recorded and sent
     * again.
     */
    TOO_OLD,
    /** It was signed further in the future than {@link WebhookVerifier#TOLERANCE}. */
    TOO_NEW,
    /** No signature of version 1 was made with one of the secrets over exactly these bytes. */
    NO_MATCHING_SIGNATURE,
    /** The signature is right, and the body not what is delivered in this form. */
    UNREADABLE_BODY
  }
}
