package io.carechat.rest.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Lets applications of other origins in a browser call the service (the CORS protocol of the Fetch
 * standard). Only the origins that the operator names may do so. Browsers never send a credential
 * by themselves: {@code Access-Control-Allow-Credentials} is not used, and {@link BrowserSessions}
 * refuses the cookie of a session in requests of another origin. Immutable.
 */
public final class CrossOrigin {
  private static final Pattern ORIGIN =
      Pattern.compile("https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\\[[0-9a-f:]+](:[0-9]{1,5})?");
  private static final Header VARY = HeaderValues.createCached(HeaderNames.VARY, "Origin");
  private static final HeaderName REQUEST_METHOD =
      HeaderNames.create("Access-Control-Request-Method");
  private static final HeaderName ALLOW_ORIGIN = HeaderNames.create("Access-Control-Allow-Origin");

  /** The headers of responses that an application may read, beside those it always may. */
  private static final Header EXPOSED =
      HeaderValues.createCached(
          HeaderNames.create("Access-Control-Expose-Headers"),
          "Allow, Deprecation, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Sunset,"
              + " WWW-Authenticate, X-Request-Id");

  /** What an application may ask for, and for how many seconds a browser may remember it. */
  private static final List<Header> PREFLIGHT =
      List.of(
          HeaderValues.createCached(
              HeaderNames.create("Access-Control-Allow-Methods"),
              "GET, HEAD, POST, PUT, PATCH, DELETE"),
          HeaderValues.createCached(
              HeaderNames.create("Access-Control-Allow-Headers"),
              "Accept, Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-API-KEY, X-Request-Id"),
          HeaderValues.createCached(HeaderNames.create("Access-Control-Max-Age"), "7200"));

  private final Set<String> origins;

  /**
   * @param origins the allowed origins, such as {@code https://app.example.org}
   * @throws IllegalArgumentException if one of them is not an origin
   */
  public CrossOrigin(Set<String> origins) {
    this.origins = Set.copyOf(origins);
    for (String origin : origins) {
      if (!isOrigin(origin)) {
        throw new IllegalArgumentException("'" + origin + "' is not an origin");
      }
    }
  }

  /**
   * Returns whether a text is an origin as browsers write it: a scheme, a host in small letters,
   * and the port if it is not the usual one. There is nothing after it.
   */
  public static boolean isOrigin(String text) {
    return ORIGIN.matcher(text).matches()
        && !(text.startsWith("http:") && text.endsWith(":80"))
        && !(text.startsWith("https:") && text.endsWith(":443"));
  }

  /** Sets the headers of a response that let the browser pass it on, if it may. */
  void addTo(ServerRequest request, ServerResponse response) {
    if (origins.isEmpty()) {
      return;
    }
    response.headers().add(VARY);
    List<String> origin = request.headers().all(HeaderNames.ORIGIN, List::of);
    if (origin.size() != 1 || !origins.contains(origin.getFirst())) {
      return;
    }
    response.headers().set(ALLOW_ORIGIN, origin.getFirst());
    response.headers().set(EXPOSED);
    if (request.prologue().method().equals(Method.OPTIONS)
        && request.headers().contains(REQUEST_METHOD)) {
      PREFLIGHT.forEach(response.headers()::set);
    }
  }
}
