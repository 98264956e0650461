package io.carechat.rest.http;
import java.lang.System.Logger.Level;
import java.lang.System.Logger;
import java.util.Set;

/**
 * A line for each request: what was asked for as the contract names it, by which credential, and
 * what came of it. Nothing that a caller wrote is in it, but for a request id of the safe form: no
 * address, no query, no token, no body.
 */
final class AccessLog {
  private static final Logger LOG = System.getLogger("io.carechat.access");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

  private AccessLog() {}

  /**
   * Writes a line.
   *
   * @param route the contract's path with its parameters' names, or "-"
   * @param status the HTTP status, or "-" if the connection ended before there was one
   * @param credentialId or "-"
   */
  static void write(
      String method,
      String route,
      String status,
      long milliseconds,
      String credentialId,
      String requestId) {
    // Anything can stand where the method should.
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
