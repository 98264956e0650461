package io.carechat.rest.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.carechat.api.runtime.Json;
import io.carechat.api.runtime.JsonBody;
import io.carechat.api.runtime.RequestRefused;
import io.carechat.api.runtime.Violation;
import io.carechat.domain.chat.Secret;
import io.carechat.rest.http.Authenticator;
import io.carechat.rest.http.BrowserSessions;
import io.carechat.rest.http.BrowserSessions.SignedIn;
import io.carechat.rest.http.Cookies;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.Problems;
import io.carechat.rest.http.Responses;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the page asks about the session of its person: who it is, that it goes on, and that it ends.
 * It also opens sessions by sign-in links. Safe for use by many threads.
 */
final class SessionRoutes {
  private static final int MAX_BODY = 1_024;
  private static final String TOKEN = "token";

  private final BrowserSessions sessions;
  private final Authenticator authenticator;
  private final Problems problems;

  SessionRoutes(BrowserSessions sessions, Authenticator authenticator, Problems problems) {
    this.sessions = sessions;
    this.authenticator = authenticator;
    this.problems = problems;
  }

  void addTo(Routes routes) {
    routes.add(
        "session",
        "/session",
        Map.of(Method.GET, this::state, Method.HEAD, this::state, Method.DELETE, this::signOut));
    routes.add("sessionActivity", "/session/activity", Map.of(Method.POST, this::activity));
    routes.add("sessionLink", "/session/link", Map.of(Method.POST, this::link));
  }

  private void state(ServerRequest request, ServerResponse response) {
    Optional<SignedIn> signedIn = authenticator.admitAnybody(request, response);
    if (signedIn.isPresent()) {
      send(request, response, signedIn.get());
      return;
    }
    forgetCookie(request, response);
    Responses.send(
        request, response, 200, Responses.JSON, Json.write(new SessionState.Nobody(false)));
  }

  /** The activity of the person, and not that of the page, keeps a session alive. */
  private void activity(ServerRequest request, ServerResponse response) {
    SignedIn signedIn = authenticator.admitSession(request, response);
    sessions
        .keepAlive(signedIn)
        .ifPresentOrElse(
            extended -> send(request, response, extended),
            () ->
                problems.send(
                    request,
                    response,
                    ProblemKind.UNAUTHENTICATED,
                    "The session has ended. Sign in again."));
  }

  /** Whoever has no session, or one that has ended, is signed out already. */
  private void signOut(ServerRequest request, ServerResponse response) {
    authenticator
        .admitAnybody(request, response)
        .ifPresent(signedIn -> sessions.close(signedIn.token()));
    forgetCookie(request, response);
    response.status(Status.NO_CONTENT_204).send();
  }

  private void link(ServerRequest request, ServerResponse response) {
    // Otherwise another site could sign a browser in as somebody else, who would then read what
    // this person writes.
    sessions.requireOwn(request);
    Secret link = token(JsonBody.read(request, MAX_BODY));
    Optional<SignedIn> opened = sessions.openByLink(request, link);
    if (opened.isEmpty()) {
      authenticator.countFailure();
      problems.send(
          request,
          response,
          ProblemKind.UNAUTHENTICATED,
          "The link was used before, has expired, or never was one. Get another one.");
      return;
    }
    response.headers().addCookie(Cookies.session(opened.get().token().value()));
    send(request, response, opened.get());
  }

  private static Secret token(byte[] body) {
    JsonNode json = Json.read(body);
    var violations = new ArrayList<Violation>();
    if (!json.isObject()) {
      violations.add(Violation.ofBody("", "must be a JSON object"));
    } else if (!json.path(TOKEN).isTextual()) {
      violations.add(Violation.ofBody("/" + TOKEN, "must be the text after # in the link"));
    }
    if (json.isObject() && json.size() > (json.has(TOKEN) ? 1 : 0)) {
      violations.add(Violation.ofBody("", "must have the member " + TOKEN + " and no other"));
    }
    if (!violations.isEmpty()) {
      throw new RequestRefused.InvalidRequest(List.copyOf(violations));
    }
    return new Secret(json.path(TOKEN).textValue());
  }

  private void send(ServerRequest request, ServerResponse response, SignedIn signedIn) {
    Responses.send(
        request,
        response,
        200,
        Responses.JSON,
        Json.write(SessionState.of(signedIn, sessions.idleSeconds(signedIn.session()))));
  }

  /** So that the browser does not send it, and the service does not look it up, again and again. */
  private static void forgetCookie(ServerRequest request, ServerResponse response) {
    if (!Cookies.values(request.headers(), Cookies.SESSION).isEmpty()) {
      response.headers().addCookie(Cookies.removed(Cookies.SESSION));
    }
  }
}
