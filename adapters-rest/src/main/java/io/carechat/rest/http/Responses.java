package io.carechat.rest.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Writes responses whose body is an array of bytes. The response to HEAD has only the headers of
 * the response to GET.
 */
public final class Responses {
  /** The content type of JSON. */
  public static final Header JSON =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");

  /** The content type of problems (RFC 9457). */
  static final Header PROBLEM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");

  /** The content type of YAML. */
  public static final Header YAML =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/yaml");

  /** The content type of HTML in UTF-8. */
  public static final Header HTML =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");

  /** The content type of plain text in UTF-8. */
  public static final Header TEXT =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");

  /** The content type of the Prometheus text format 0.0.4. */
  public static final Header METRICS =
      HeaderValues.createCached(
          HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");

  private Responses() {}

  /**
   * Sends a response.
   *
   * @param status the HTTP status
   * @param contentType one of the headers of this class
   * @param body the body; for HEAD, only its length is sent
   */
  public static void send(
      ServerRequest request, ServerResponse response, int status, Header contentType, byte[] body) {
    response.status(status);
    response.headers().set(contentType);
    if (request.prologue().method().equals(Method.HEAD)) {
      response.headers().contentLength(body.length);
      response.send();
    } else {
      response.send(body);
    }
  }
}
