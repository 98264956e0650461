package io.carechat.rest.http;

import io.carechat.api.runtime.Operation;
import io.carechat.domain.chat.Unavailable;
import io.carechat.rest.connections.ConnectionMonitor;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The filter that every request and every response passes. It gives the request its id, sets the
 * headers that all responses have, refuses addresses that are not in plain form, writes the access
 * log, and counts requests. Safe for use by many threads.
 */
public final class RequestFilter implements Filter {
  /** The headers of every response. */
  static final List<Header> HEADERS =
      List.of(
          HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store"),
          HeaderValues.createCached(HeaderNames.create("X-Content-Type-Options"), "nosniff"));

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final String API = "/api/";

  private final RequestIds ids;
  private final Problems problems;
  private final ConnectionMonitor connections;
  private final Metrics metrics;
  private final RateLimiter limiter;
  private final AccessLogLimiter accessLog;
  private final CrossOrigin crossOrigin;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final LongAdder started = new LongAdder();
  private volatile boolean closing;

  /**
   * @param ids makes request ids
   * @param problems writes problems
   * @param connections is notified of requests
   * @param metrics counts responses
   * @param limiter counts requests without a valid credential
   * @param crossOrigin the origins whose applications in a browser may call
   * @param nanoTime as {@link System#nanoTime}
   */
  public RequestFilter(
      RequestIds ids,
      Problems problems,
      ConnectionMonitor connections,
      Metrics metrics,
      RateLimiter limiter,
      CrossOrigin crossOrigin,
      LongSupplier nanoTime) {
    this.ids = ids;
    this.problems = problems;
    this.connections = connections;
    this.metrics = metrics;
    this.limiter = limiter;
    this.crossOrigin = crossOrigin;
    this.accessLog = new AccessLogLimiter(nanoTime);
  }

  /** Makes every further response tell its caller to close the connection. */
  public void beginClosing() {
    closing = true;
  }

  /** Returns whether {@link #beginClosing} was called. */
  public boolean isClosing() {
    return closing;
  }

  /** Returns how many requests are in flight. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Returns how many requests have started since the server was started. */
  public long started() {
    return started.sum();
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    long start = System.nanoTime();
    String id = ids.of(request.headers());
    response.headers().set(RequestIds.HEADER, id);
    HEADERS.forEach(response.headers()::set);
    crossOrigin.addTo(request, response);
    boolean http1 = request.prologue().protocolVersion().equals("1.1");
    if (http1) {
      response.beforeSend(() -> decideOnConnection(request, response));
    }
    inFlight.incrementAndGet();
    started.increment();
    try (var exchange = connections.begin(request)) {
      ScopedValue.where(Problems.CURRENT, new Problems.Current(id, http1))
          .where(ConnectionMonitor.CURRENT, exchange)
          .run(() -> answer(exchange, chain, request, response));
      countIfUnidentified(exchange, request);
    } finally {
      inFlight.decrementAndGet();
      if (response.isSent()) {
        metrics.answered(
            request.context().get(Operation.class).map(Operation::id).orElse("none"),
            response.status().code());
      }
      log(request, response, id, (System.nanoTime() - start) / 1_000_000);
    }
    if (http1 && response.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      // Helidon would leave it to the caller to close the connection, and would continue to read
      // until then.
      throw new CloseConnectionException("the response asked for it");
    }
  }

  private void answer(
      ConnectionMonitor.Exchange exchange,
      FilterChain chain,
      RoutingRequest request,
      RoutingResponse response) {
    if (exchange.isRefused()) {
      if (!exchange.isHttp1()) {
        throw exchange.reset();
      }
      // The body, if there is one, is not read.
      response.headers().set(HeaderValues.CONNECTION_CLOSE);
      problems.answer(
          request,
          response,
          new Unavailable("requests that are in progress use the memory", RETRY_AFTER));
      return;
    }
    awaitTurn(exchange, request, response);
    if (!response.isSent() && !hasCredential(request)) {
      refuseTooMany(exchange, request, response);
    }
    if (response.isSent()) {
      return;
    }
    String path = request.prologue().uriPath().rawPath();
    boolean plain = isPlain(path);
    if (plain && !hasNeedlessEscape(path)) {
      chain.proceed();
    } else if (plain && path.startsWith(API)) {
      problems.send(
          request,
          response,
          ProblemKind.INVALID_REQUEST,
          "The path has an escape of a letter, a digit, '-', '.' or '_'. Write these as they are.");
    } else {
      problems.send(
          request, response, ProblemKind.NOT_FOUND, Problems.detail(ProblemKind.NOT_FOUND));
    }
  }

  /** Waits for the turn of a request, and refuses it if that takes too long. */
  private void awaitTurn(
      ConnectionMonitor.Exchange exchange, RoutingRequest request, RoutingResponse response) {
    try {
      exchange.awaitTurn();
    } catch (Unavailable tooMany) {
      if (!exchange.isHttp1()) {
        throw exchange.reset();
      }
      response.headers().set(HeaderValues.CONNECTION_CLOSE);
      problems.answer(request, response, tooMany);
    }
  }

  /** Counts a request without a credential, and refuses it if there are too many. */
  private void refuseTooMany(
      ConnectionMonitor.Exchange exchange, RoutingRequest request, RoutingResponse response) {
    try {
      limiter.countWithoutCredential(exchange.address());
    } catch (RequestRejected.TooManyRequests tooMany) {
      if (!exchange.isHttp1()) {
        throw exchange.reset();
      }
      response.headers().set(HeaderValues.CONNECTION_CLOSE);
      problems.answer(request, response, tooMany);
    }
  }

  /**
   * Counts a request whose credential was not valid, or was not needed. Closes the connection if
   * there are too many. They were answered, because only that shows what the credential is worth.
   */
  private void countIfUnidentified(ConnectionMonitor.Exchange exchange, RoutingRequest request) {
    if (request.context().get(RequestContext.class).isPresent() || !hasCredential(request)) {
      return;
    }
    try {
      limiter.countWithoutCredential(exchange.address());
    } catch (RequestRejected.TooManyRequests tooMany) {
      exchange.disconnect();
    }
  }

  private static boolean hasCredential(RoutingRequest request) {
    return request.headers().contains(Authenticator.API_KEY)
        || request.headers().contains(HeaderNames.AUTHORIZATION)
        || BrowserSessions.areShownBy(request.headers());
  }

  private void decideOnConnection(RoutingRequest request, RoutingResponse response) {
    // A caller that waits for "100 Continue" may or may not send its body after another response.
    // Only on a new connection is it certain that the next bytes are a new request.
    boolean bodyUncertain =
        request.headers().containsToken(HeaderValues.EXPECT_100) && !request.continueSent();
    if (closing || bodyUncertain) {
      response.headers().set(HeaderValues.CONNECTION_CLOSE);
    }
  }

  private void log(RoutingRequest request, RoutingResponse response, String id, long milliseconds) {
    boolean isBounded =
        request.context().get(RequestContext.class).isEmpty()
            || response.status().code() == ProblemKind.TOO_MANY_REQUESTS.status();
    if (isBounded && !accessLog.admits()) {
      return;
    }
    AccessLog.write(
        request.prologue().method().text(),
        request.context().get(Operation.class).map(Operation::route).orElse("-"),
        // A streamed response counts as sent only at its end, which the caller may not wait for.
        response.isSent() || response.bytesWritten() > 0 ? response.status().codeText() : "-",
        milliseconds,
        request
            .context()
            .get(RequestContext.class)
            .map(context -> context.caller().credentialId())
            .orElse("-"),
        id);
  }

  /**
   * Returns whether a path is in plain form. The router resolves {@code ..}, {@code //}, {@code ;…}
   * and escapes before it matches a path. A proxy in front of the service may understand such a
   * path differently. So these forms, and escaped slashes and control characters, are not allowed.
   */
  static boolean isPlain(String path) {
    if (!path.startsWith("/")) {
      return false;
    }
    int start = 1;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      boolean last = slash < 0;
      // Only the root path has an empty segment.
      if ((start == end && !(last && start == 1)) || !isPlainSegment(path, start, end)) {
        return false;
      }
      start = end + 1;
    }
    return true;
  }

  /**
   * Returns whether a path in plain form has an escape of a character that needs none. A proxy that
   * forbids a path may not see that the escaped form means the same.
   */
  static boolean hasNeedlessEscape(String path) {
    for (int i = path.indexOf('%'); i >= 0; i = path.indexOf('%', i + 1)) {
      if (isNeverEscaped(HexFormat.fromHexDigits(path, i + 1, i + 3))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns whether a character means the same with and without an escape (RFC 3986, section 2.3).
   * A tilde does too, but older libraries escape it.
   */
  private static boolean isNeverEscaped(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_';
  }

  private static boolean isPlainSegment(String path, int start, int end) {
    int characters = 0;
    int dots = 0;
    for (int i = start; i < end; i++) {
      int c = path.charAt(i);
      if (c == '%') {
        if (i + 2 >= end
            || !HexFormat.isHexDigit(path.charAt(i + 1))
            || !HexFormat.isHexDigit(path.charAt(i + 2))) {
          return false;
        }
        c = HexFormat.fromHexDigits(path, i + 1, i + 3);
        i += 2;
        if (c == ';') {
          // An escaped semicolon is an ordinary character.
          c = ',';
        }
      } else if (c > 0x7e) {
        return false;
      }
      if (c < 0x20 || c == 0x7f || c == '/' || c == '\\' || c == ';') {
        return false;
      }
      characters++;
      dots += c == '.' ? 1 : 0;
    }
    return characters == 0 || dots < characters || dots > 2;
  }
}
