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
 * Admits whoever brings exactly one valid credential and keeps its rate limit.
 *
 * <p>Requests without a valid credential are limited by the address that they come from. A valid
 * credential is never refused for its address's failures: behind a proxy all callers have one
 * address, and anyone could lock the others out.
 */
public final class Authenticator implements Admission<RequestContext> {
  private static final HeaderName API_KEY = HeaderNames.create("X-API-KEY");
  private static final HeaderName POLICY = HeaderNames.create("RateLimit-Policy");
  private static final HeaderName STATE = HeaderNames.create("RateLimit");
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,512}");
  // RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1).
  private static final Pattern BEARER =
      Pattern.compile("(?i:bearer) +([A-Za-z0-9._~+/-]{1,8192}=*)");
  private static final int CREDENTIALS_KEPT = 100_000;
  private static final int ADDRESSES_KEPT = 10_000;

  private final Credentials credentials;
  private final RateLimits limits;
  private final TokenBuckets<Share> shares;
  private final TokenBuckets<String> failures;

  public Authenticator(Credentials credentials, RateLimits limits, TimeMeter time) {
    this.credentials = credentials;
    this.limits = limits;
    this.shares = new TokenBuckets<>(limits.perGroup(), time, CREDENTIALS_KEPT);
    this.failures = new TokenBuckets<>(limits.failures(), time, ADDRESSES_KEPT);
  }

  /** What has a rate limit of its own. */
  private record Share(String credentialId, String group) {}

  @Override
  public RequestContext admit(Operation operation, ServerRequest request, ServerResponse response) {
    Known known = authenticate(request);
    RequestContext context =
        new RequestContext(known.caller(), response.headers().get(RequestIds.HEADER).get(), known.lookUp());
    request.context().register(context);
    spend(operation.group(), known.caller(), response);
    return context;
  }

  /** Somebody with a credential, which can be looked up again. */
  private record Known(Caller caller, Supplier<Optional<Caller>> lookUp) {}

  private Known authenticate(ServerRequest request) {
    try {
      return known(request.headers());
    } catch (Unauthenticated refused) {
      ConsumptionProbe probe = failures.take(request.remotePeer().host());
      if (!probe.isConsumed()) {
        throw new TooManyRequests(seconds(probe.getNanosToWaitForRefill()));
      }
      throw refused;
    }
  }

  private Known known(ServerRequestHeaders headers) {
    boolean hasKey = headers.contains(API_KEY);
    boolean hasToken = headers.contains(HeaderNames.AUTHORIZATION);
    if (hasKey && hasToken) {
      throw new Unauthenticated("Give one credential: X-API-KEY or Authorization, not both.");
    }
    if (!hasKey && !hasToken) {
      throw new Unauthenticated(
          "Give a valid X-API-KEY or an Authorization header with a bearer token.");
    }
    List<String> values = headers.get(hasKey ? API_KEY : HeaderNames.AUTHORIZATION).allValues();
    if (values.size() != 1) {
      throw new Unauthenticated("Give the credential once only.");
    }
    String value = values.getFirst();
    Supplier<Optional<Caller>> lookUp = hasKey ? () -> ofKey(value) : () -> ofAuthorization(value);
    Caller caller =
        lookUp
            .get()
            .orElseThrow(() ->
                new Unauthenticated(
                    hasKey
                        ? "The X-API-KEY is not valid, has expired or was revoked."
                        : "The Authorization header has no bearer token that is valid here and"
                            + " now."));
    return new Known(caller, lookUp);
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

  /** The headers are those of draft-ietf-httpapi-ratelimit-headers-10. */
  private void spend(String group, Caller caller, ServerResponse response) {
    ConsumptionProbe probe = shares.take(new Share(caller.credentialId(), group));
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

  /** A string with two parameters, as a structured field (RFC 9651). */
  private static String item(String name, String key, long value, String key2, long value2) {
    return "\"" + name + "\";" + key + "=" + value + ";" + key2 + "=" + value2;
  }

  /** In whole seconds, rounded up, at least one. */
  private static long seconds(long nanos) {
    return Math.max(1, Math.ceilDiv(nanos, 1_000_000_000L));
  }
}
