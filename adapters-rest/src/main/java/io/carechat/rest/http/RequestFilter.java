package io.carechat.rest.http;
import io.carechat.api.runtime.Operation;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where every request comes in and every answer goes out: gives the request its id and the answer
 * the headers that all have, refuses addresses that are not written plainly, writes the access log,
 * and knows what is under way.
 */
public final class RequestFilter implements Filter {
  /** The headers of every answer. */
  static final List<Header> HEADERS =
      List.of(
          HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store"),
          HeaderValues.createCached(HeaderNames.create("X-Content-Type-Options"), "nosniff"));

  private final RequestIds ids;
  private final Problems problems;
  private final ConnectionMonitor connections;
  private final Metrics metrics;
  private final AtomicInteger underWay = new AtomicInteger();
  private final LongAdder begun = new LongAdder();
  private volatile boolean closing;

  public RequestFilter(RequestIds ids, Problems problems, ConnectionMonitor connections, Metrics metrics) {
    this.ids = ids;
    this.problems = problems;
    this.connections = connections;
    this.metrics = metrics;
  }

  /** From now on every answer tells its caller to close the connection. */
  public void beginClosing() {
    closing = true;
  }

  /** Whether that was told. */
  public boolean isClosing() {
    return closing;
  }

  /** How many requests are being answered. */
  public int underWay() {
    return underWay.get();
  }

  /** How many requests have come so far. */
  public long begun() {
    return begun.sum();
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    long start = System.nanoTime();
    String id = ids.of(request.headers());
    response.headers().set(RequestIds.HEADER, id);
    HEADERS.forEach(response.headers()::set);
    boolean http1 = request.prologue().protocolVersion().equals("1.1");
    if (http1) {
      response.beforeSend(() -> decideOnConnection(request, response));
    }
    underWay.incrementAndGet();
    begun.increment();
    try (var exchange = connections.begin(request)) {
      ScopedValue.where(Problems.CURRENT, new Problems.Current(id, http1))
          .where(ConnectionMonitor.CURRENT, exchange)
          .run(() -> {
            if (isPlain(request.prologue().uriPath().rawPath())) {
              chain.proceed();
            } else {
              problems.send(
                  request, response, ProblemKind.NOT_FOUND, Problems.detail(ProblemKind.NOT_FOUND));
            }
          });
    } finally {
      underWay.decrementAndGet();
      if (response.isSent()) {
        metrics.answered(
            request.context().get(Operation.class).map(Operation::id).orElse("none"),
            response.status().code());
      }
      log(request, response, id, (System.nanoTime() - start) / 1_000_000);
    }
    if (http1 && response.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      // Helidon leaves it to the caller to close, and would read on until then.
      throw new CloseConnectionException("the answer said so");
    }
  }

  private void decideOnConnection(RoutingRequest request, RoutingResponse response) {
    // A caller that waits for "100 Continue" may, or may not, send its body after another answer:
    // only a new connection is certain to begin with a request.
    boolean bodyUncertain =
        request.headers().containsToken(HeaderValues.EXPECT_100) && !request.continueSent();
    if (closing || bodyUncertain) {
      response.headers().set(HeaderValues.CONNECTION_CLOSE);
    }
  }

  private static void log(
      RoutingRequest request, RoutingResponse response, String id, long milliseconds) {
    AccessLog.write(
        request.prologue().method().text(),
        request.context().get(Operation.class).map(Operation::route).orElse("-"),
        // What is streamed counts as sent only at its end, which a reader may not wait for.
        response.isSent() || response.bytesWritten() > 0 ? response.status().codeText() : "-",
        milliseconds,
        request.context().get(RequestContext.class).map(context -> context.caller().credentialId()).orElse("-"),
        id);
  }

  /**
   * Whether a path means what it says. The router matches paths after resolving {@code ..}, {@code
   * //}, {@code ;…} and escapes; one with any of those, or with an escaped slash or control
   * character, would be matched as another than a proxy in front of us may have seen.
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
      // Only the root's own path has an empty segment.
      if ((start == end && !(last && start == 1)) || !isPlainSegment(path, start, end)) {
        return false;
      }
      start = end + 1;
    }
    return true;
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
          // Escaped it is an ordinary character.
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
