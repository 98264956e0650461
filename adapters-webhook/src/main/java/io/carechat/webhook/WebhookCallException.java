package io.carechat.webhook;

import java.io.IOException;

/**
 * A call failed. The message is the reason that the partner reads in the history of the delivery:
 * it is short, and contains no secret and nothing of the chat message.
 */
final class WebhookCallException extends IOException {
  private static final long serialVersionUID = 1;

  WebhookCallException(String reason) {
    super(reason);
  }

  WebhookCallException(String reason, Throwable cause) {
    super(reason, cause);
  }

  /** The message, which is never null. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
