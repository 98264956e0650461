package io.carechat.rest.console;

import io.carechat.domain.sessions.IdentityProviders;
import io.carechat.rest.http.Authenticator;
import io.carechat.rest.http.BrowserSessions;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.Problems;
import io.carechat.rest.http.Responses;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The page for people, and what only it calls. It must be registered after the routes of the
 * contract, because it takes paths that begin with the name of any tenant. Safe for use by many
 * threads.
 *
 * <p>One HTML file is the answer for all instances and patients, whether they exist or not: what a
 * person may see, the API says. So the page tells nobody which patients there are.
 */
public final class Console implements HttpService {
  private static final HeaderName POLICY = HeaderNames.create("Content-Security-Policy");
  private static final String POLICY_OF_PAGES =
      "default-src 'self'; base-uri 'self'; object-src 'none'; form-action 'self'; frame-ancestors ";
  private static final String NOBODY = "'none'";

  /** A file that a browser opens by itself, such as a picture with scripts, can do nothing. */
  private static final Header POLICY_OF_FILES =
      HeaderValues.createCached(POLICY, "default-src 'none'; frame-ancestors 'none'");

  /** Addresses of pages have the ids of patients, which no other site is told. */
  private static final Header NO_REFERRER =
      HeaderValues.createCached(HeaderNames.create("Referrer-Policy"), "no-referrer");

  private static final Header OWN_RESOURCES =
      HeaderValues.createCached(HeaderNames.create("Cross-Origin-Resource-Policy"), "same-origin");
  private static final Header OWN_WINDOW =
      HeaderValues.createCached(HeaderNames.create("Cross-Origin-Opener-Policy"), "same-origin");

  private final ConsoleSettings settings;
  private final SessionRoutes sessionRoutes;
  private final SignInRoutes signInRoutes;
  private final Problems problems;
  private final Responses.Stored page;
  private final ConsoleFiles files = new ConsoleFiles();

  /**
   * @param settings how it is served
   * @param sessions the sessions of people
   * @param providers where the care team proves who it is
   * @param authenticator admits requests that show a session
   * @param problems writes problems
   * @param publicUrl where browsers reach the service, without a slash at the end
   */
  public Console(
      ConsoleSettings settings,
      BrowserSessions sessions,
      IdentityProviders providers,
      Authenticator authenticator,
      Problems problems,
      URI publicUrl) {
    this.settings = settings;
    this.problems = problems;
    this.sessionRoutes = new SessionRoutes(sessions, authenticator, problems);
    this.signInRoutes =
        new SignInRoutes(sessions, providers, authenticator, publicUrl.getRawPath());
    this.page = ConsoleFiles.page(publicUrl.getRawPath() + "/");
  }

  @Override
  public void routing(HttpRules rules) {
    var routes = new Routes(rules, problems);
    sessionRoutes.addTo(routes);
    signInRoutes.addTo(routes);
    routes.add(
        "consoleFile", "/console/{+file}", Map.of(Method.GET, this::file, Method.HEAD, this::file));
    routes.add(
        "signInPage",
        "/sign-in",
        Map.of(Method.GET, this::signInPage, Method.HEAD, this::signInPage));
    for (String route :
        List.of(
            "/{tenantName}/{instanceName}", "/{tenantName}/{instanceName}/patients/{patientId}")) {
      routes.add(
          "page",
          route,
          request -> path(request).isPresent(),
          Map.of(Method.GET, this::page, Method.HEAD, this::page));
    }
  }

  private static Optional<PagePath> path(ServerRequest request) {
    return PagePath.parse(request.prologue().uriPath().rawPath());
  }

  private void file(ServerRequest request, ServerResponse response) {
    Optional<Responses.Revalidated> file = files.find(request.path().pathParameters().get("file"));
    if (file.isEmpty()) {
      problems.send(
          request, response, ProblemKind.NOT_FOUND, Problems.detail(ProblemKind.NOT_FOUND));
      return;
    }
    response.headers().set(POLICY_OF_FILES).set(OWN_RESOURCES);
    file.get().send(request, response);
  }

  private void signInPage(ServerRequest request, ServerResponse response) {
    send(request, response, List.of());
  }

  private void page(ServerRequest request, ServerResponse response) {
    PagePath path = path(request).orElseThrow();
    send(request, response, settings.frameOrigins().apply(path.instance()));
  }

  private void send(ServerRequest request, ServerResponse response, List<String> frameOrigins) {
    response
        .headers()
        .set(
            POLICY,
            POLICY_OF_PAGES + (frameOrigins.isEmpty() ? NOBODY : String.join(" ", frameOrigins)))
        .set(NO_REFERRER)
        .set(OWN_WINDOW);
    page.send(request, response);
  }
}
