package io.carechat.domain.webhooks;

/** The form of the body that is delivered. It never changes for an endpoint. */
public enum WebhookPayload {
  /** The five members of the source document, which give the text of a message and its chat. */
  SOURCE,
  /** The envelope of Standard Webhooks 1.0.0 with all data of the event. */
  STANDARD,
  /** The same envelope with ids only. */
  THIN;

  /** Returns whether this form contains the texts of messages. */
  public boolean containsTexts() {
    return this != THIN;
  }
}
