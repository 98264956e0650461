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
 * @param audit what the audit will say about the request
 */
public record RequestContext(
    Caller caller, String requestId, Supplier<Optional<Caller>> callerNow, RequestAudit audit) {

  /**
   * Returns whether the credential is an API key. Then {@link #callerNow} costs nothing. Of a
   * session it costs a query.
   */
  public boolean isOfKey() {
    return caller instanceof Caller.Partner;
  }

  /**
   * Checks that an API key is still valid, after the request has waited. Does nothing for other
   * credentials.
   *
   * @throws RequestRejected if it has expired or was revoked
   * @throws io.carechat.domain.chat.Unavailable if that is not known
   */
  public void requireKeyStillValid() {
    if (isOfKey() && callerNow.get().isEmpty()) {
      throw new RequestRejected.Unauthenticated("The X-API-KEY has expired or was revoked.");
    }
  }

  /** Makes a problem of this request. */
  public Problem problem(ProblemKind kind, String detail) {
    return Problems.of(kind, detail, requestId);
  }

  /** Makes the problem that the chat does not have the message. */
  public Problem noSuchMessage() {
    return problem(ProblemKind.NOT_FOUND, "The chat has no message with this externalId.");
  }

  /** Makes the problem that the instance does not have the API key. */
  public Problem noSuchKey() {
    return problem(ProblemKind.NOT_FOUND, "The instance has no API key with this keyId.");
  }

  /** Makes the problem that the instance does not have the webhook endpoint. */
  public Problem noSuchWebhook() {
    return problem(
        ProblemKind.NOT_FOUND, "The instance has no webhook endpoint with this webhookId.");
  }

  /** Makes the problem that there is no such export, or none that the caller may see. */
  public Problem noSuchExport() {
    return problem(ProblemKind.NOT_FOUND, "The instance has no export with this exportId.");
  }
}
