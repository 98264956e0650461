package io.carechat.rest.http;

import io.carechat.api.runtime.Admission;
import io.carechat.api.runtime.Operation;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Credentials;
import io.carechat.domain.chat.Secret;
import io.carechat.rest.http.RequestRejected.TooManyRequests;
import io.carechat.rest.http.RequestRejected.Unauthenticated;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Admits requests that have exactly one valid credential and keep its rate limit. Safe for use by
 * many threads.
 *
 * <p>Requests without a valid credential have a rate limit for each address that they come from. A
 * request with a valid credential is never refused because of the failures of its address. Behind a
 * proxy all callers have the same address, and one of them could lock out all others.
 */
public final class Authenticator implements Admission<RequestContext> {
  private static final HeaderName API_KEY = HeaderNames.create("X-API-KEY");
  private static final HeaderName POLICY = HeaderNames.create("RateLimit-Policy");
  private static final HeaderName STATE = HeaderNames.create("RateLimit");
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,512}");
  // RFC 6750, section 2.1. The scheme is case-insensitive (RFC 9110, section 11.1).
  private static final Pattern BEARER =
      Pattern.compile("(?i:bearer) +([A-Za-z0-9._~+/-]{1,8192}=*)");
  private static final int MAX_CREDENTIALS = 100_000;
  private static final int MAX_ADDRESSES = 10_000;

  private final Credentials credentials;
  private final RateLimits limits;
  private final TokenBuckets<LimitKey> requests;
  private final TokenBuckets<String> failures;

  /**
   * @param credentials checks credentials
   * @param limits how often callers may call
   * @param time the clock for the limits
   */
  public Authenticator(Credentials credentials, RateLimits limits, TimeMeter time) {
    this.credentials = credentials;
    this.limits = limits;
    this.requests = new TokenBuckets<>(limits.perGroup(), time, MAX_CREDENTIALS);
    this.failures = new TokenBuckets<>(limits.failures(), time, MAX_ADDRESSES);
  }

  /** Identifies one rate limit. */
  private record LimitKey(String credentialId, String group) {}

  @Override
  public RequestContext admit(Operation operation, ServerRequest request, ServerResponse response) {
    Authenticated authenticated = authenticate(request);
    RequestContext context =
        new RequestContext(
            authenticated.caller(),
            response.headers().get(RequestIds.HEADER).get(),
            authenticated.lookup());
    request.context().register(context);
    countRequest(operation.group(), authenticated.caller(), response);
    return context;
  }

  /**
   * An authenticated caller.
   *
   * @param lookup looks the credential up again
   */
  private record Authenticated(Caller caller, Supplier<Optional<Caller>> lookup) {}

  private Authenticated authenticate(ServerRequest request) {
    try {
      return findCaller(request.headers());
    } catch (Unauthenticated unauthenticated) {
      ConsumptionProbe probe = failures.take(request.remotePeer().host());
      if (!probe.isConsumed()) {
        throw new TooManyRequests(seconds(probe.getNanosToWaitForRefill()));
      }
      throw unauthenticated;
    }
  }

  private Authenticated findCaller(ServerRequestHeaders headers) {
    boolean hasKey = headers.contains(API_KEY);
    boolean hasToken = headers.contains(HeaderNames.AUTHORIZATION);
    if (hasKey && hasToken) {
      throw new Unauthenticated("Send either X-API-KEY or Authorization, not both.");
    }
    if (!hasKey && !hasToken) {
      throw new Unauthenticated(
          "Send a valid X-API-KEY header, or an Authorization header with a bearer token.");
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

  /**
   * Counts a request against the caller's rate limit, and sets the headers of
   * draft-ietf-httpapi-ratelimit-headers-10.
   */
  private void countRequest(String group, Caller caller, ServerResponse response) {
    ConsumptionProbe probe = requests.take(new LimitKey(caller.credentialId(), group));
    RateLimits.Limit limit = limits.perGroup();
    long reset = seconds(probe.getNanosToWaitForReset());
    response
        .headers()
        .set(POLICY, item(group, "q", limit.requests(), "w", limit.window().toSeconds()))
        .set(STATE, item(group, "r", probe.getRemainingTokens(), "t", reset));
    if (!probe.isConsumed()) {
      throw new TooManyRequests(seconds(probe.getNanosToWaitForRefill()));
    }
  }

  /** Writes a string with two parameters as an item of a structured field (RFC 9651). */
  private static String item(String name, String key, long value, String key2, long value2) {
    return "\"" + name + "\";" + key + "=" + value + ";" + key2 + "=" + value2;
  }

  /** Converts to whole seconds, rounded up, at least 1. */
  private static long seconds(long nanos) {
    return Math.max(1, Math.ceilDiv(nanos, 1_000_000_000L));
  }
}
