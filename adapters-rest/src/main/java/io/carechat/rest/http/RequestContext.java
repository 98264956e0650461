package io.carechat.rest.http;

import io.carechat.api.Problem;
import io.carechat.domain.access.Caller;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A request that was admitted.
 *
 * @param requestId names it, in the answer and in our logs
 * @param callerNow looks the credential up again, for requests that go on for long: empty once it
 *     has expired or was revoked. May throw {@link io.carechat.domain.chat.Unavailable}
 */
public record RequestContext(
    Caller caller, String requestId, Supplier<Optional<Caller>> callerNow) {

  /** A problem of this request. */
  public Problem problem(ProblemKind kind, String detail) {
    return Problems.of(kind, detail, requestId);
  }

  /** The problem of a message that the chat does not have. */
  public Problem noSuchMessage() {
    return problem(ProblemKind.NOT_FOUND, "The chat has no message with this externalId.");
  }

  /** The problem of a webhook endpoint that the instance does not have. */
  public Problem noSuchWebhook() {
    return problem(
        ProblemKind.NOT_FOUND, "The instance has no webhook endpoint with this webhookId.");
  }
}
