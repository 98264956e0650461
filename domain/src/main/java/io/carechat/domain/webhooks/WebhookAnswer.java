package io.carechat.domain.webhooks;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What came of calling an endpoint. */
public sealed interface WebhookAnswer {
  /** How long the call took. */
  Duration took();

  /**
   * The endpoint answered.
   *
   * @param status of HTTP
   * @param retryAfter what it asked for by {@code Retry-After}, from now on; null if nothing, or
   *     nothing readable
   * @param firstBytes the beginning of the body, at most 1,000 characters, for the ledger; it is
   *     the partner's, and untrusted
   */
  record Answered(int status, @Nullable Duration retryAfter, String firstBytes, Duration took)
      implements WebhookAnswer {}

  /**
   * There was no answer, or none within its bounds of time and size, or the address is not allowed.
   *
   * @param reason for the ledger; without secrets
   */
  record Failed(String reason, Duration took) implements WebhookAnswer {}
}
