package io.carechat.rest.http;

import io.carechat.api.Problem;
import io.carechat.domain.access.Caller;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * An admitted request.
 *
 * @param caller who calls
 * @param requestId the id of the request, in the response and in the logs
 * @param callerNow looks the credential up again, for requests that last long. The result is empty
 *     once the credential has expired or was revoked. May throw {@link
 *     io.carechat.domain.chat.Unavailable}.
 */
public record RequestContext(
    Caller caller, String requestId, Supplier<Optional<Caller>> callerNow) {

  /** Makes a problem of this request. */
  public Problem problem(ProblemKind kind, String detail) {
    return Problems.of(kind, detail, requestId);
  }

  /** Makes the problem that the chat does not have the message. */
  public Problem noSuchMessage() {
    return problem(ProblemKind.NOT_FOUND, "The chat has no message with this externalId.");
  }

  /** Makes the problem that the instance does not have the webhook endpoint. */
  public Problem noSuchWebhook() {
    return problem(
        ProblemKind.NOT_FOUND, "The instance has no webhook endpoint with this webhookId.");
  }
}
