package io.carechat.rest.http;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;

/**
 * Writes one line for each request: the operation as the contract names it, the id of the
 * credential, and the result. The log contains nothing that a caller wrote, except a request id of
 * a safe form. So it contains no address, query, token or body. The id of a credential does not
 * show who a user is: see {@link io.carechat.domain.access.Caller#credentialId}.
 */
final class AccessLog {
  private static final Logger LOG = System.getLogger("io.carechat.access");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

  private AccessLog() {}

  /**
   * Writes a line.
   *
   * @param method the HTTP method; logged as "-" if it is not a standard one
   * @param route the contract's path, with the names of its parameters; or "-"
   * @param status the HTTP status; or "-" if the connection ended before there was one
   * @param milliseconds how long the request took
   * @param credentialId the id of the credential; or "-"
   * @param requestId the id of the request
   */
  static void write(
      String method,
      String route,
      String status,
      long milliseconds,
      String credentialId,
      String requestId) {
    // A caller can send any text as the method.
    String known = METHODS.contains(method) ? method : "-";
    LOG.log(
        Level.INFO,
        () ->
            "method="
                + known
                + " route="
                + route
                + " status="
                + status
                + " ms="
                + milliseconds
                + " credential="
                + credentialId
                + " request="
                + requestId);
  }
}
