package io.carechat.rest.http;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Records what happens to requests as traces. Safe for use by many threads. */
public interface Tracing {
  /** Records nothing. */
  Tracing NONE = (_, _, work, _) -> work.run();

  /**
   * What came of a request.
   *
   * @param operation the id of the operation in the contract; {@code none} if there is none
   * @param route the contract's path, with the names of its parameters; or "-"
   * @param status the HTTP status; 0 if the connection ended before there was one
   */
  record Answer(String operation, String route, int status) {}

  /**
   * Runs the work of a request on this thread, and records it.
   *
   * @param method the HTTP method; "-" if it is not a standard one
   * @param traceparent the header of W3C Trace Context, as the caller sent it; null if it sent none
   * @param work answers the request
   * @param answer what came of it; asked for when the work has ended
   */
  void request(String method, @Nullable String traceparent, Runnable work, Supplier<Answer> answer);
}
