package io.carechat.domain.webhooks;

/** The form in which an endpoint is told of events. It never changes for an endpoint. */
public enum WebhookPayload {
  /** The text of a message and whose chat it is, in the five members of the source document. */
  SOURCE,
  /** The envelope of Standard Webhooks 1.0.0 with all that there is to tell. */
  STANDARD,
  /** The same envelope with ids only. */
  THIN
}
