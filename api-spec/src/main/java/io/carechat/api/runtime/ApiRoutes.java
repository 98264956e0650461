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
 * The routes of the contract on a Helidon server. It collects the handlers of all operations and
 * registers them together, because fixed paths must be registered before paths with a parameter.
 * Every path with {@code GET} also supports {@code HEAD}. {@code OPTIONS} lists the methods of a
 * path and needs no credential. Any other method gives {@link MethodNotAllowed}.
 *
 * <p>A request goes through these steps: its {@link Operation} is put into its context, it is
 * admitted, it is checked against the contract, the operation is carried out, and the response is
 * written. The check may throw {@link RequestRefused}, and {@link Admission} and the operation may
 * throw exceptions of their own. The code that sets up the server must turn these into problems.
 *
 * <p>It must be set up by one thread before the server starts.
 *
 * @param <C> the type that represents an admitted caller
 */
public final class ApiRoutes<C> implements HttpService {

  private static final Header JSON =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
  private static final Header EVENT_STREAM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/event-stream");
  private static final String LOCATION = "Location";

  /** Tells nginx, and proxies that do as it does, to pass on each event at once. */
  private static final Header UNBUFFERED =
      HeaderValues.createCached(HeaderNames.create("X-Accel-Buffering"), "no");

  private static final Header PROBLEM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");

  private final Admission<C> admission;
  private final ResponseSender<C> sender;
  private final Contract contract;
  private final String basePath;
  private final Map<Operation, Handler> handlers = new LinkedHashMap<>();

  /**
   * The groups of operations whose responses may be compressed. No response of theirs has a secret.
   * Those that create an endpoint or a key do, beside text that the caller has chosen.
   */
  private static final Set<String> COMPRESSED = Set.of("read", "search", "events");

  /** Makes routes without operations, at the root of the public address. */
  public ApiRoutes(Admission<C> admission, ResponseSender<C> sender) {
    this(admission, sender, "");
  }

  /**
   * Makes routes without operations.
   *
   * @param admission admits requests
   * @param sender sends responses
   * @param basePath what a proxy removes from the beginning of the paths of requests, such as
   *     {@code /chat}; addresses in {@code Location} begin with it
   */
  public ApiRoutes(Admission<C> admission, ResponseSender<C> sender, String basePath) {
    this(admission, sender, Contract.published(), basePath);
  }

  /** Makes routes for another contract than the published one. */
  ApiRoutes(Admission<C> admission, ResponseSender<C> sender, Contract contract, String basePath) {
    this.admission = admission;
    this.sender = sender;
    this.contract = contract;
    this.basePath = basePath;
  }

  /**
   * Adds an operation whose requests are admitted and checked. The generated code calls this.
   *
   * @throws IllegalStateException if the operation has a handler already
   */
  public void on(Operation operation, Exchange<C> exchange) {
    RequestCheck check = contract.check(operation);
    add(
        operation,
        (request, response) -> {
          request.context().register(operation);
          C caller = admission.admit(operation, request, response);
          send(
              caller,
              request,
              response,
              exchange.answer(caller, check.check(request)),
              COMPRESSED.contains(operation.group()));
        });
  }

  /**
   * Adds an operation whose requests are neither admitted nor checked. It is for the contract's
   * operations without a credential: files and health.
   *
   * @throws IllegalStateException if the operation has a handler already
   */
  public void open(Operation operation, Handler handler) {
    add(
        operation,
        (request, response) -> {
          request.context().register(operation);
          handler.handle(request, response);
        });
  }

  /** Returns the operations that have no handler yet, in the contract's order. */
  public List<Operation> missing() {
    return Contract.operations().stream()
        .filter(operation -> !handlers.containsKey(operation))
        .toList();
  }

  @Override
  public void routing(HttpRules rules) {
    Map<String, List<Operation>> byRoute =
        handlers.keySet().stream()
            // Braces sort after all letters, so a fixed segment comes before a parameter.
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
   * Writes a response: its status, its own headers, and its body, if it has one. The body is one
   * array of bytes. Its content type is {@code application/json}, or {@code
   * application/problem+json} for a status of 400 or more. A {@link StreamedBody} is {@code
   * text/event-stream} and is written as it is produced. The response to {@code HEAD} has only the
   * headers.
   */
  private void send(
      C caller,
      ServerRequest request,
      ServerResponse response,
      ApiResponse answer,
      boolean mayCompress) {
    if (answer.body() instanceof StreamedBody body) {
      stream(request, response, answer, body);
      return;
    }
    Object content = answer.body();
    byte[] json = content == null ? new byte[0] : Json.write(content);
    Compression.Body chosen =
        mayCompress && answer.status() == 200
            ? Compression.of(request.headers(), json)
            : Compression.Body.plain(json);
    byte[] body = chosen.bytes();
    boolean headersOnly = request.prologue().method().equals(Method.HEAD);
    // What the body was made of is in memory too, and is no shorter if the body is compressed.
    sender.send(
        caller,
        headersOnly ? 0 : json.length,
        () -> {
          response.status(answer.status());
          setHeaders(answer, response);
          if (content == null) {
            response.send();
            return;
          }
          chosen.describe(response);
          response.headers().set(answer.status() < 400 ? JSON : PROBLEM);
          if (headersOnly) {
            response.headers().contentLength(body.length);
            response.send();
          } else {
            ResponseBody.write(request, response, body);
          }
        });
  }

  private void setHeaders(ApiResponse answer, ServerResponse response) {
    answer.headers((name, value) ->
        response
            .headers()
            .set(HeaderNames.create(name), name.equals(LOCATION) ? basePath + value : value));
  }

  private void stream(
      ServerRequest request, ServerResponse response, ApiResponse answer, StreamedBody body) {
    try (body) {
      response.status(answer.status());
      response.headers().set(EVENT_STREAM);
      response.headers().set(UNBUFFERED);
      setHeaders(answer, response);
      if (request.prologue().method().equals(Method.HEAD)) {
        response.send();
      } else {
        body.writeTo(response.outputStream());
      }
    }
  }

  private void add(Operation operation, Handler handler) {
    if (handlers.putIfAbsent(operation, withDeprecation(operation, handler)) != null) {
      throw new IllegalStateException(operation.id() + " is answered already");
    }
  }

  /**
   * Returns a handler that sets the headers of a deprecated operation first. So errors have these
   * headers too: the server keeps headers that are set when an error handler takes over.
   */
  private Handler withDeprecation(Operation operation, Handler handler) {
    Deprecation deprecation = contract.deprecation(operation);
    if (deprecation == null) {
      return handler;
    }
    return (request, response) -> {
      deprecation.headers((name, value) -> response.headers().add(HeaderNames.create(name), value));
      handler.handle(request, response);
    };
  }

  /**
   * Carries out an operation.
   *
   * @param <C> the type that represents an admitted caller
   */
  @FunctionalInterface
  public interface Exchange<C> {

    /**
     * Responds to a request that was admitted and satisfies the contract. Called by many threads at
     * once.
     */
    ApiResponse answer(C caller, Arguments arguments);
  }
}
