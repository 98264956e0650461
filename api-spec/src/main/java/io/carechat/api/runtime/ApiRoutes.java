package io.carechat.api.runtime;
import io.carechat.api.runtime.RequestRefused.MethodNotAllowed;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The contract's paths on a Helidon server. Collects what answers each operation, and registers all
 * of it at once, so that a fixed path goes before one with a parameter, and each path answers every
 * method that it does not have with {@link MethodNotAllowed}. Where there is {@code GET} there is
 * {@code HEAD} too, and {@code OPTIONS} tells a path's methods to anybody.
 *
 * <p>A request goes through these steps: its {@link Operation} is put into its context, it is
 * admitted, it is checked against the contract, the operation is carried out, the answer is
 * written. Each of the first may throw: {@link RequestRefused}, or what the {@link Admission}
 * throws. Whoever sets the server up turns those into problems.
 *
 * <p>To be set up by one thread, before the server starts.
 *
 * @param <C> who is calling
 */
public final class ApiRoutes<C> implements HttpService {

  private static final Header JSON =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
  private static final Header EVENT_STREAM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/event-stream");
  private static final Header PROBLEM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");

  private final Admission<C> admission;
  private final Sending<C> sending;
  private final Contract contract;
  private final Map<Operation, Handler> handlers = new LinkedHashMap<>();

  /** Starts with no operation. */
  public ApiRoutes(Admission<C> admission, Sending<C> sending) {
    this(admission, sending, Contract.published());
  }

  /** With another contract than the published one. */
  ApiRoutes(Admission<C> admission, Sending<C> sending, Contract contract) {
    this.admission = admission;
    this.sending = sending;
    this.contract = contract;
  }

  /** Adds an operation that is admitted and checked. The generated code does this. */
  public void on(Operation operation, Exchange<C> exchange) {
    RequestCheck check = contract.check(operation);
    add(
        operation,
        (request, response) -> {
          request.context().register(operation);
          C caller = admission.admit(operation, request, response);
          send(caller, request, response, exchange.answer(caller, check.check(request)));
        });
  }

  /**
   * Adds an operation that is neither admitted nor checked, for the contract's operations without a
   * credential: files and health.
   */
  public void open(Operation operation, Handler handler) {
    add(
        operation,
        (request, response) -> {
          request.context().register(operation);
          handler.handle(request, response);
        });
  }

  /** The contract's operations that nothing answers yet, in the contract's order. */
  public List<Operation> missing() {
    return Contract.operations().stream()
        .filter(operation -> !handlers.containsKey(operation))
        .toList();
  }

  @Override
  public void routing(HttpRules rules) {
    Map<String, List<Operation>> byRoute =
        handlers.keySet().stream()
            // Braces sort after every letter: a fixed segment goes before a parameter.
            .sorted(Comparator.comparing(Operation::route))
            .collect(
                Collectors.groupingBy(
                    Operation::route, LinkedHashMap::new, Collectors.toCollection(ArrayList::new)));
    byRoute.forEach((route, operations) -> {
      SortedSet<String> methods = new TreeSet<>(Set.of("OPTIONS"));
      for (Operation operation : operations) {
        Handler handler = handlers.get(operation);
        rules.route(Method.create(operation.method()), route, handler);
        methods.add(operation.method());
        if (operation.method().equals("GET")) {
          rules.route(Method.HEAD, route, handler);
          methods.add("HEAD");
        }
      }
      String allow = String.join(", ", methods);
      rules.route(
          Method.OPTIONS,
          route,
          (_, response) -> {
            response.headers().set(HeaderNames.ALLOW, allow);
            response.status(Status.NO_CONTENT_204).send();
          });
      rules.any(
          route,
          (_, _) -> {
            throw new MethodNotAllowed(allow);
          });
    });
  }

  /**
   * Writes an answer: its status, its own headers, and its body as one array of bytes of {@code
   * application/json}, or {@code application/problem+json} for a status of 400 or more, if it has
   * one. A {@link StreamedBody} is {@code text/event-stream}, and written as it comes. To {@code
   * HEAD}, only the headers.
   */
  private void send(C caller, ServerRequest request, ServerResponse response, ApiResponse answer) {
    if (answer.body() instanceof StreamedBody body) {
      stream(request, response, answer, body);
      return;
    }
    Object content = answer.body();
    byte[] body = content == null ? new byte[0] : Json.write(content);
    boolean headersOnly = request.prologue().method().equals(Method.HEAD);
    sending.send(
        caller,
        headersOnly ? 0 : body.length,
        () -> {
          response.status(answer.status());
          answer.headers((name, value) -> response.headers().set(HeaderNames.create(name), value));
          if (content == null) {
            response.send();
            return;
          }
          response.headers().set(answer.status() < 400 ? JSON : PROBLEM);
          if (headersOnly) {
            response.headers().contentLength(body.length);
            response.send();
          } else {
            response.send(body);
          }
        });
  }

  private static void stream(
      ServerRequest request, ServerResponse response, ApiResponse answer, StreamedBody body) {
    try (body) {
      response.status(answer.status());
      response.headers().set(EVENT_STREAM);
      answer.headers((name, value) -> response.headers().set(HeaderNames.create(name), value));
      if (request.prologue().method().equals(Method.HEAD)) {
        response.send();
      } else {
        body.writeTo(response.outputStream());
      }
    }
  }

  private void add(Operation operation, Handler handler) {
    if (handlers.putIfAbsent(operation, announcing(operation, handler)) != null) {
      throw new IllegalStateException(operation.id() + " is answered already");
    }
  }

  /**
   * Tells of an operation's end before anything else is done, so that refusals tell of it too: the
   * server keeps headers that are set when an error handler takes over.
   */
  private Handler announcing(Operation operation, Handler handler) {
    Deprecation deprecation = contract.deprecation(operation);
    if (deprecation == null) {
      return handler;
    }
    return (request, response) -> {
      deprecation.headers((name, value) -> response.headers().add(HeaderNames.create(name), value));
      handler.handle(request, response);
    };
  }

  /** Carries an operation out. */
  @FunctionalInterface
  public interface Exchange<C> {

    /**
     * Answers a request that was admitted and keeps the contract. Called by many threads at once.
     */
    ApiResponse answer(C caller, Arguments arguments);
  }
}
