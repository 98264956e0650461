package io.carechat.rest.http;

import io.carechat.api.runtime.Admission;
import io.carechat.api.runtime.Operation;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.http.RequestRejected.Unauthenticated;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Admits requests that have exactly one valid credential and keep its rate limit. The credential is
 * an API key or a bearer token, or else the cookie of a session. Safe for use by many threads.
 */
public final class Authenticator implements Admission<RequestContext> {
  static final HeaderName API_KEY = HeaderNames.create("X-API-KEY");
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,512}");
  // RFC 6750, section 2.1. The scheme is case-insensitive (RFC 9110, section 11.1).
  private static final Pattern BEARER =
      Pattern.compile("(?i:bearer) +([A-Za-z0-9._~+/-]{1,8192}=*)");

  // What is left when a client sends a header whose credential nobody has set.
  private static final Pattern NO_KEY = Pattern.compile("\\s*");
  private static final Pattern NO_TOKEN = Pattern.compile("(?i:bearer)?\\s*");

  /** The group of the routes of sessions, which are not in the contract, for rate limits. */
  private static final String SESSION_GROUP = "session";

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final Credentials credentials;
  private final Optional<BrowserSessions> sessions;
  private final RateLimiter limiter;

  /**
   * @param credentials checks credentials
   * @param sessions the sessions of people; without them, cookies are no credentials
   * @param limiter counts requests, and failures to authenticate
   */
  public Authenticator(
      Credentials credentials, Optional<BrowserSessions> sessions, RateLimiter limiter) {
    this.credentials = credentials;
    this.sessions = sessions;
    this.limiter = limiter;
  }

  @Override
  public RequestContext admit(Operation operation, ServerRequest request, ServerResponse response) {
    Authenticated authenticated = authenticate(() -> findCaller(request));
    return admit(authenticated, operation.group(), request, response);
  }

  private RequestContext admit(
      Authenticated authenticated, String group, ServerRequest request, ServerResponse response) {
    RequestContext context =
        new RequestContext(
            authenticated.caller(),
            response.headers().get(RequestIds.HEADER).get(),
            authenticated.lookup());
    request.context().register(context);
    limiter.countRequest(authenticated.caller(), group, response);
    requireMemory(context.caller());
    ConnectionMonitor.Exchange exchange = ConnectionMonitor.CURRENT.get();
    if (exchange.hasBody()) {
      // Others of the address must not wait for the rest of the body.
      exchange.endTurn();
    }
    return context;
  }

  /**
   * Admits a request that is about the session that it shows. Other credentials do not matter.
   *
   * @throws RequestRejected as for every request with a session, and if the request shows none
   */
  public BrowserSessions.SignedIn admitSession(ServerRequest request, ServerResponse response) {
    BrowserSessions.SignedIn signedIn =
        authenticate(() ->
            findSession(request)
                .orElseThrow(() -> new Unauthenticated("Nobody is signed in. Sign in.")));
    RequestContext _ = admit(ofSession(signedIn), SESSION_GROUP, request, response);
    return signedIn;
  }

  /**
   * As {@link #admitSession}, but a request may show no session, or one that has ended.
   *
   * @return empty if nobody is signed in
   */
  public Optional<BrowserSessions.SignedIn> admitAnybody(
      ServerRequest request, ServerResponse response) {
    if (!BrowserSessions.areShownBy(request.headers())) {
      return Optional.empty();
    }
    try {
      return Optional.of(admitSession(request, response));
    } catch (Unauthenticated ended) {
      return Optional.empty();
    }
  }

  /** Counts that a request tried to sign in, and could not. */
  public void countFailure() {
    limiter.countFailure(ConnectionMonitor.CURRENT.get().address());
  }

  /** With HTTP/2, even refusing many requests at once would take memory. */
  private static void requireMemory(Caller caller) {
    ConnectionMonitor.Exchange exchange = ConnectionMonitor.CURRENT.get();
    if (exchange.identify(caller)) {
      return;
    }
    if (exchange.isHttp1()) {
      throw new Unavailable("requests in progress use the whole share", RETRY_AFTER);
    }
    throw exchange.reset();
  }

  /**
   * An authenticated caller.
   *
   * @param lookup looks the credential up again
   */
  private record Authenticated(Caller caller, Supplier<Optional<Caller>> lookup) {}

  private <T> T authenticate(Supplier<T> find) {
    try {
      return find.get();
    } catch (Unauthenticated | Unavailable failure) {
      // A credential that cannot be checked may be one that a stranger made up. Counting it harms
      // nobody: whoever has a valid credential is never refused because of failures.
      countFailure();
      throw failure;
    }
  }

  private Authenticated findCaller(ServerRequest request) {
    ServerRequestHeaders headers = request.headers();
    boolean hasKey = holds(headers, API_KEY, NO_KEY);
    boolean hasToken = holds(headers, HeaderNames.AUTHORIZATION, NO_TOKEN);
    if (hasKey && hasToken) {
      throw new Unauthenticated("Send either X-API-KEY or Authorization, not both.");
    }
    if (!hasKey && !hasToken) {
      return findSession(request)
          .map(this::ofSession)
          .orElseThrow(() ->
              new Unauthenticated(
                  "Send a valid X-API-KEY header, or an Authorization header with a bearer token."));
    }
    List<String> values = headers.get(hasKey ? API_KEY : HeaderNames.AUTHORIZATION).allValues();
    if (values.size() != 1) {
      throw new Unauthenticated("Send the credential only once.");
    }
    String value = values.getFirst();
    Supplier<Optional<Caller>> lookup = hasKey ? () -> ofKey(value) : () -> ofAuthorization(value);
    Caller caller =
        lookup
            .get()
            .orElseThrow(() ->
                new Unauthenticated(
                    hasKey
                        ? "The X-API-KEY is not valid, has expired or was revoked."
                        : "The Authorization header has no valid bearer token."));
    return new Authenticated(caller, lookup);
  }

  private Optional<BrowserSessions.SignedIn> findSession(ServerRequest request) {
    return sessions.flatMap(found -> found.find(request));
  }

  private Authenticated ofSession(BrowserSessions.SignedIn signedIn) {
    return new Authenticated(signedIn.caller(), sessions.orElseThrow().lookup(signedIn.token()));
  }

  /**
   * Whether there is a credential in a header. Some generated clients send the header of every kind
   * of credential that the contract has, and leave those empty that nobody has set.
   */
  private static boolean holds(ServerRequestHeaders headers, HeaderName name, Pattern empty) {
    return headers.contains(name)
        && !headers.get(name).allValues().stream()
            .allMatch(value -> empty.matcher(value).matches());
  }

  private Optional<Caller> ofKey(String value) {
    return KEY.matcher(value).matches()
        ? credentials.ofApiKey(new Secret(value))
        : Optional.empty();
  }

  private Optional<Caller> ofAuthorization(String value) {
    var matcher = BEARER.matcher(value);
    return matcher.matches()
        ? credentials.ofBearerToken(new Secret(matcher.group(1)))
        : Optional.empty();
  }
}
