package io.carechat.rest.console;

import io.carechat.api.runtime.QueryString;
import io.carechat.api.runtime.RequestRefused;
import io.carechat.api.runtime.Violation;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.FairShares;
import io.carechat.domain.chat.Secret;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.sessions.IdentityProviders;
import io.carechat.rest.connections.ConnectionMonitor;
import io.carechat.rest.console.PagePath.WithView;
import io.carechat.rest.http.Authenticator;
import io.carechat.rest.http.BrowserSessions;
import io.carechat.rest.http.Cookies;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Signs people in by an identity provider. The browser goes there and comes back, so these are
 * navigations and every answer is a redirection. Safe for use by many threads.
 *
 * <p>Meanwhile a cookie keeps what {@link IdentityProviders} wants to have back, and where the
 * person wants to go: {@code PENDING:PATH}.
 */
final class SignInRoutes {
  private static final String TENANT = "tenantName";
  private static final String INSTANCE = "instanceName";
  private static final String RETURN_TO = "returnTo";

  private static final String REFUSED = "#sign-in=refused";
  private static final String UNAVAILABLE = "#sign-in=unavailable";

  /** The page that a browser gets that comes back without the cookie, such as after an hour. */
  private static final String SIGN_IN = "/sign-in";

  /** RFC 3986, section 2.3. */
  private static final Pattern PENDING = Pattern.compile("[A-Za-z0-9._~-]{1,1000}");

  private static final Duration MAX_WAIT = Duration.ofSeconds(1);
  private static final int AT_ONCE = 16;
  private static final int AT_ONCE_PER_ADDRESS = 2;
  private static final int WAITING_FOR_EACH = 8;

  /** A stranger can make up an answer of an identity provider, which costs a call of it. */
  private final FairShares ending =
      new FairShares(AT_ONCE, MAX_WAIT, WAITING_FOR_EACH, System::nanoTime);

  private final BrowserSessions sessions;
  private final IdentityProviders providers;
  private final Authenticator authenticator;
  private final String basePath;

  /**
   * @param basePath the path of the public address, without a slash at the end
   */
  SignInRoutes(
      BrowserSessions sessions,
      IdentityProviders providers,
      Authenticator authenticator,
      String basePath) {
    this.sessions = sessions;
    this.providers = providers;
    this.authenticator = authenticator;
    this.basePath = basePath;
  }

  void addTo(Routes routes) {
    routes.add("signIn", "/session/login", Map.of(Method.GET, this::begin));
    routes.add("signInCallback", "/session/callback", Map.of(Method.GET, this::finish));
  }

  // --- there ---

  private void begin(ServerRequest request, ServerResponse response) {
    WithView to = returnTo(request);
    try {
      Optional<IdentityProviders.Begun> begun = providers.begin(to.page().instance());
      if (begun.isEmpty()) {
        redirect(response, to.page() + UNAVAILABLE);
        return;
      }
      // When the identity provider sends the browser back, that does not show its old session.
      sessions.end(request);
      response.headers().addCookie(Cookies.login(begun.get().pending().value() + ":" + to));
      response.headers().set(HeaderNames.LOCATION, begun.get().location().toString());
      response.status(Status.FOUND_302).send();
    } catch (Unavailable e) {
      redirect(response, to.page() + UNAVAILABLE);
    }
  }

  private static WithView returnTo(ServerRequest request) {
    QueryString query = QueryString.parse(request.query().rawValue());
    var violations = new ArrayList<Violation>();
    Optional<String> tenant = name(query, TENANT, violations);
    Optional<String> instance = name(query, INSTANCE, violations);
    List<String> to = query.parameters().getOrDefault(RETURN_TO, List.of());
    if (to.size() > 1 || query.broken().contains(RETURN_TO)) {
      violations.add(Violation.ofParameter(RETURN_TO, "must be given only once, in UTF-8"));
    }
    if (tenant.isEmpty() || instance.isEmpty() || !violations.isEmpty()) {
      throw new RequestRefused.InvalidRequest(violations);
    }
    var place = new TenantInstance(tenant.get(), instance.get());
    return WithView.parse(to.isEmpty() ? "/" + place : to.getFirst())
        .filter(page -> page.page().instance().equals(place))
        .orElseThrow(() ->
            new RequestRefused.InvalidRequest(
                List.of(
                    Violation.ofParameter(
                        RETURN_TO,
                        "must be the path of a page of this instance, such as /test-den/chat2"))));
  }

  private static Optional<String> name(
      QueryString query, String parameter, List<Violation> violations) {
    List<String> values = query.parameters().getOrDefault(parameter, List.of());
    if (values.size() == 1 && TenantInstance.isName(values.getFirst())) {
      return Optional.of(values.getFirst());
    }
    violations.add(
        Violation.ofParameter(
            parameter, "must be given once: small letters, digits and hyphens, at most 63"));
    return Optional.empty();
  }

  // --- and back ---

  private void finish(ServerRequest request, ServerResponse response) {
    Optional<Pending> pending = pending(request);
    response.headers().addCookie(Cookies.removed(Cookies.LOGIN));
    if (pending.isEmpty()) {
      redirect(response, SIGN_IN + REFUSED);
      return;
    }
    WithView to = pending.get().to();
    try {
      Optional<Caller> caller =
          finished(pending.get().secret(), request.query().rawValue())
              .filter(found -> found.instance().equals(to.page().instance()));
      if (caller.isEmpty()) {
        authenticator.countFailure();
        redirect(response, to.page() + REFUSED);
        return;
      }
      Secret token = sessions.open(request, caller.get()).token();
      response.headers().addCookie(Cookies.session(token.value()));
      redirect(response, to.toString());
    } catch (Unavailable e) {
      redirect(response, to.page() + UNAVAILABLE);
    }
  }

  private Optional<Caller> finished(Secret pending, String answer) {
    var share =
        new FairShares.Share(ConnectionMonitor.CURRENT.get().address(), AT_ONCE_PER_ADDRESS);
    try (FairShares.Permit _ = ending.acquire(List.of(share))) {
      return providers.finish(pending, answer);
    } catch (FairShares.Exhausted e) {
      throw new Unavailable("too many sign-ins are being ended", MAX_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("a sign-in was interrupted", MAX_WAIT, e);
    }
  }

  private record Pending(Secret secret, WithView to) {}

  private static Optional<Pending> pending(ServerRequest request) {
    List<String> cookies = Cookies.values(request.headers(), Cookies.LOGIN);
    if (cookies.size() != 1) {
      return Optional.empty();
    }
    String[] parts = cookies.getFirst().split(":", 2);
    return parts.length == 2 && PENDING.matcher(parts[0]).matches()
        ? WithView.parse(parts[1]).map(to -> new Pending(new Secret(parts[0]), to))
        : Optional.empty();
  }

  private void redirect(ServerResponse response, String to) {
    response.headers().set(HeaderNames.LOCATION, basePath + to);
    response.status(Status.FOUND_302).send();
  }
}
