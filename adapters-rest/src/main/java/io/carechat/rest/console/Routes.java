package io.carechat.rest.console;

import io.carechat.api.runtime.Operation;
import io.carechat.rest.http.ProblemKind;
import io.carechat.rest.http.Problems;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Routes that are not in the contract. Their methods behave as those of the contract do: a path
 * with {@code GET} has {@code HEAD} unless that would change something, {@code OPTIONS} lists the
 * methods, and any other one is a 405.
 */
final class Routes {
  private final HttpRules rules;
  private final Problems problems;

  Routes(HttpRules rules, Problems problems) {
    this.rules = rules;
    this.problems = problems;
  }

  /** Adds a path that always exists. */
  void add(String name, String route, Map<Method, Handler> handlers) {
    add(name, route, request -> true, handlers);
  }

  /**
   * Adds a path.
   *
   * @param name for metrics
   * @param route the path with the names of its parameters in braces, for logs too
   * @param exists whether there is something at the path of a request
   */
  void add(
      String name, String route, Predicate<ServerRequest> exists, Map<Method, Handler> handlers) {
    Set<String> methods = new TreeSet<>(Set.of("OPTIONS"));
    Map<String, Handler> byMethod = new TreeMap<>();
    handlers.forEach((method, handler) -> {
      methods.add(method.text());
      byMethod.put(method.text(), handler);
    });
    String allow = String.join(", ", methods);
    rules.any(
        route,
        (request, response) -> {
          if (!exists.test(request)) {
            doesNotExist(request, response);
            return;
          }
          String method = request.prologue().method().text();
          request.context().register(new Operation(name, method, route, "meta", Set.of()));
          Handler handler = byMethod.get(method);
          if (handler != null) {
            handler.handle(request, response);
          } else if (method.equals("OPTIONS")) {
            response.headers().set(HeaderNames.ALLOW, allow);
            response.status(Status.NO_CONTENT_204).send();
          } else {
            response.headers().set(HeaderNames.ALLOW, allow);
            problems.send(
                request,
                response,
                ProblemKind.METHOD_NOT_ALLOWED,
                "This path supports " + allow + ".");
          }
        });
  }

  private void doesNotExist(ServerRequest request, ServerResponse response) {
    problems.send(request, response, ProblemKind.NOT_FOUND, Problems.detail(ProblemKind.NOT_FOUND));
  }
}
