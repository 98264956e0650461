package io.carechat.rest.http;

import io.carechat.api.Problem;
import io.carechat.api.ProblemFault;
import io.carechat.api.runtime.Contract;
import io.carechat.api.runtime.Json;
import io.carechat.api.runtime.Operation;
import io.carechat.api.runtime.RequestRefused;
import io.carechat.api.runtime.Violation;
import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.paging.InvalidPageToken;
import io.carechat.rest.connections.ConnectionMonitor;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a problem (RFC 9457) of everything that has no normal response: violations of the contract,
 * rejected credentials, errors of the router and of the HTTP parser, and failures. Helidon has two
 * hooks for these: one for exceptions of handlers, and one for everything else. Both end here.
 */
public final class Problems {
  /** The request that this thread serves. */
  static final ScopedValue<Current> CURRENT = ScopedValue.newInstance();

  private static final String CHALLENGE = "Bearer realm=\"carechat\"";
  // Helidon distinguishes this error only by its text.
  private static final String HEADERS_TOO_LARGE_MESSAGE = "Header size exceeded";

  private final RequestIds ids;

  /**
   * @param ids makes ids for requests that have none yet
   */
  public Problems(RequestIds ids) {
    this.ids = ids;
  }

  /** Makes a problem without violations. */
  static Problem of(ProblemKind kind, String detail, String requestId) {
    return of(kind, detail, List.of(), requestId);
  }

  /** Makes a problem. */
  static Problem of(ProblemKind kind, String detail, List<Violation> violations, String requestId) {
    return new Problem(
        kind.type(),
        kind.title(),
        kind.status(),
        detail,
        requestId,
        kind.code(),
        violations.stream()
            .map(violation ->
                new ProblemFault(violation.parameter(), violation.pointer(), violation.detail()))
            .toList());
  }

  /** Returns the detail of a problem for which the caller can only wait. */
  static String tryAgainIn(long seconds) {
    return "Try again in " + seconds + (seconds == 1 ? " second." : " seconds.");
  }

  /**
   * Returns the value of {@code Retry-After} for a time to wait: whole seconds, rounded up, 1 to
   * 86,400.
   */
  static int retryAfter(Duration wait) {
    return (int) Math.clamp(Math.ceilDiv(wait.toMillis(), 1000L), 1L, 86_400L);
  }

  // --- exceptions of handlers ---

  /** Responds to a request whose handler threw an exception. */
  public void answer(ServerRequest request, ServerResponse response, Throwable thrown) {
    switch (thrown) {
      case RequestRefused refused -> refused(request, response, refused);
      case AccessDenied denied -> send(request, response, ProblemKind.FORBIDDEN, denied.detail());
      case InvalidRequest invalid ->
          violations(request, response, ProblemKind.INVALID_REQUEST, invalid.violations());
      case InvalidPageToken invalid ->
          send(
              request,
              response,
              ProblemKind.INVALID_PAGE_TOKEN,
              "The token " + invalid.rule() + ".",
              List.of(at(request, "pageToken", invalid.rule())));
      case RequestRejected refused -> rejected(request, response, refused);
      case Unavailable unavailable -> {
        ErrorLog.unavailable(unavailable, requestId());
        int seconds = retryAfter(unavailable.retryAfter());
        response.headers().set(HeaderNames.RETRY_AFTER, String.valueOf(seconds));
        send(request, response, ProblemKind.UNAVAILABLE, tryAgainIn(seconds));
      }
      case HttpException refused -> {
        ProblemKind kind = ProblemKind.ofParserStatus(refused.status().code());
        if (kind == ProblemKind.INTERNAL_ERROR) {
          ErrorLog.unexpected(refused, requestId());
        }
        send(request, response, kind, detail(kind));
      }
      default -> {
        ErrorLog.unexpected(thrown, requestId());
        send(request, response, ProblemKind.INTERNAL_ERROR, detail(ProblemKind.INTERNAL_ERROR));
      }
    }
  }

  private void violations(
      ServerRequest request,
      ServerResponse response,
      ProblemKind kind,
      List<io.carechat.domain.chat.Violation> violations) {
    send(
        request,
        response,
        kind,
        RequestRefused.InvalidRequest.detail(violations.size()),
        violations.stream().map(each -> at(request, each.member(), each.rule())).toList());
  }

  /**
   * Makes a violation of a member, which is either a parameter of the operation or a part of the
   * body.
   */
  private static Violation at(ServerRequest request, String member, String rule) {
    boolean isParameter =
        request.context().get(Operation.class).stream()
            .anyMatch(operation -> operation.parameters().contains(member));
    return isParameter ? Violation.ofParameter(member, rule) : Violation.ofBody("/" + member, rule);
  }

  private void refused(ServerRequest request, ServerResponse response, RequestRefused refused) {
    switch (refused) {
      case RequestRefused.InvalidRequest invalid ->
          send(
              request,
              response,
              ProblemKind.INVALID_REQUEST,
              invalid.detail(),
              invalid.violations());
      case RequestRefused.MalformedJson malformed ->
          send(request, response, ProblemKind.MALFORMED_JSON, malformed.detail());
      case RequestRefused.MethodNotAllowed method -> {
        response.headers().set(HeaderNames.ALLOW, method.allow());
        send(request, response, ProblemKind.METHOD_NOT_ALLOWED, method.detail());
      }
      case RequestRefused.NotAcceptable accept ->
          send(request, response, ProblemKind.NOT_ACCEPTABLE, accept.detail());
      case RequestRefused.PayloadTooLarge large ->
          send(request, response, ProblemKind.PAYLOAD_TOO_LARGE, large.detail());
      case RequestRefused.UnsupportedMediaType type ->
          send(request, response, ProblemKind.UNSUPPORTED_MEDIA_TYPE, type.detail());
    }
  }

  private void rejected(ServerRequest request, ServerResponse response, RequestRejected refused) {
    switch (refused) {
      case RequestRejected.Unauthenticated unauthenticated -> {
        response.headers().set(HeaderNames.WWW_AUTHENTICATE, CHALLENGE);
        send(request, response, ProblemKind.UNAUTHENTICATED, unauthenticated.detail());
      }
      case RequestRejected.CrossSite crossSite ->
          send(request, response, ProblemKind.CROSS_SITE_REQUEST, crossSite.detail());
      case RequestRejected.TooManyRequests many -> {
        response.headers().set(HeaderNames.RETRY_AFTER, String.valueOf(many.retryAfterSeconds()));
        send(request, response, ProblemKind.TOO_MANY_REQUESTS, many.detail());
      }
      case RequestRejected.UnknownPosition unknown ->
          send(
              request,
              response,
              ProblemKind.UNKNOWN_POSITION,
              unknown.detail(),
              List.of(Violation.ofParameter(unknown.parameter(), "is beyond the end of the log")));
    }
  }

  /** Responds with a problem. */
  public void send(
      ServerRequest request, ServerResponse response, ProblemKind kind, String detail) {
    send(request, response, kind, detail, List.of());
  }

  private void send(
      ServerRequest request,
      ServerResponse response,
      ProblemKind kind,
      String detail,
      List<Violation> violations) {
    try {
      Responses.send(
          request,
          response,
          kind.status(),
          Responses.PROBLEM,
          Json.write(of(kind, detail, violations, requestId())));
    } catch (CloseConnectionException left) {
      // The caller has left, or takes nothing. If an error handler threw this, Helidon would log
      // the request's path, which has the id of a patient.
      ConnectionMonitor.CURRENT.get().disconnect();
    }
  }

  /** Returns a detail for an error whose own message must not be shown to callers. */
  public static String detail(ProblemKind kind) {
    return switch (kind) {
      case NOT_FOUND -> "This path does not exist.";
      case METHOD_NOT_ALLOWED -> "This path does not support the method.";
      case PAYLOAD_TOO_LARGE -> "The body has more bytes than the operation allows.";
      case URI_TOO_LONG -> "The request line is longer than the server accepts.";
      case UNSUPPORTED_MEDIA_TYPE -> "The body must be uncompressed application/json in UTF-8.";
      case HEADERS_TOO_LARGE -> "The request's headers are longer than the server accepts.";
      case INTERNAL_ERROR -> "Something went wrong in the service. Tell us the instance.";
      case UNAVAILABLE -> tryAgainIn(1);
      default -> "The request is not valid HTTP/1.1 or HTTP/2.";
    };
  }

  private String requestId() {
    return CURRENT.isBound() ? CURRENT.get().requestId() : ids.next();
  }

  /**
   * A request that is being served.
   *
   * @param requestId the id of the request
   * @param http1 whether the request uses HTTP/1.1, so that its connection carries no other request
   *     at the same time
   */
  record Current(String requestId, boolean http1) {}

  // --- the HTTP parser ---

  /**
   * Returns the handlers for errors before routing, and for errors while a handler reads a body.
   */
  public DirectHandlers directHandlers() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    DirectHandler handler = new ParserErrors();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      handlers.addHandler(type, handler);
    }
    return handlers.build();
  }

  /** Makes problems of the errors of the HTTP parser. */
  private final class ParserErrors implements DirectHandler {

    /**
     * Handles an error inside of the routing. The request has an id, and the request filter logs
     * it.
     */
    @Override
    public TransportResponse handle(
        TransportRequest request,
        EventType eventType,
        Status status,
        ServerResponseHeaders headers,
        Throwable thrown) {
      TransportResponse.Builder response =
          response(request, kind(status, thrown.getMessage()), requestId());
      if (CURRENT.isBound() && CURRENT.get().http1()) {
        // It is unknown where the next request would begin.
        response.header(HeaderValues.CONNECTION_CLOSE);
      }
      return response.build();
    }

    /** Handles an error outside of the routing. */
    @Override
    public TransportResponse handle(
        TransportRequest request,
        EventType eventType,
        Status status,
        ServerResponseHeaders headers,
        @Nullable String message) {
      ProblemKind kind = kind(status, message);
      if (eventType == EventType.INTERNAL_ERROR) {
        // The routing turns every exception into a response. So this is a connection that ended
        // before the headers were complete.
        kind = ProblemKind.INVALID_REQUEST;
      } else if (kind == ProblemKind.PAYLOAD_TOO_LARGE
          && !Contract.mayHaveBody(request.method(), request.path())) {
        // Only an operation that has a body describes that it can be too large.
        kind = ProblemKind.INVALID_REQUEST;
      }
      String id = ids.of(request.headers());
      AccessLog.write(request.method(), "-", String.valueOf(kind.status()), 0, "-", id);
      return response(request, kind, id).build();
    }

    private static ProblemKind kind(Status status, @Nullable String message) {
      if (message != null && message.startsWith(HEADERS_TOO_LARGE_MESSAGE)) {
        return ProblemKind.HEADERS_TOO_LARGE;
      }
      return ProblemKind.ofParserStatus(status.code());
    }

    private static TransportResponse.Builder response(
        TransportRequest request, ProblemKind kind, String id) {
      TransportResponse.Builder response =
          TransportResponse.builder()
              .status(Status.create(kind.status()))
              .keepAlive(false)
              .header(Responses.PROBLEM)
              .header(RequestIds.HEADER, id);
      RequestFilter.HEADERS.forEach(response::header);
      if (kind == ProblemKind.UNAVAILABLE) {
        response.header(HeaderNames.RETRY_AFTER, "1");
      }
      if (!request.method().equals(Method.HEAD_NAME)) {
        response.entity(Json.write(of(kind, detail(kind), id)));
      }
      return response;
    }
  }
}
