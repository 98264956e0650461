package io.carechat.domain.webhooks;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The result of calling an endpoint. */
public sealed interface WebhookAnswer {
  /** Returns how long the call took. */
  Duration took();

  /**
   * The endpoint answered.
   *
   * @param status the HTTP status
   * @param retryAfter how long to wait, from now, as the endpoint asked with {@code Retry-After};
   *     null if it sent no such header or one that cannot be read
   * @param firstBytes the beginning of the body, at most 1,000 characters, for the history of the
   *     delivery. It comes from the partner and must not be trusted.
   * @param took how long the call took
   */
  record Answered(int status, @Nullable Duration retryAfter, String firstBytes, Duration took)
      implements WebhookAnswer {}

  /**
   * There was no valid answer. For example, the address is not allowed, or the answer exceeded the
   * limits of time or size.
   *
   * @param reason why, for the history of the delivery; it contains no secrets
   * @param took how long the call took
   */
  record Failed(String reason, Duration took) implements WebhookAnswer {}
}
