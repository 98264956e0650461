package io.carechat.rest.http;

import io.carechat.domain.access.Capacity;
import java.util.List;
import java.util.function.Supplier;

/**
 * Counts and measures what the server does, and shows all figures. Safe for use by many threads.
 */
public interface Metrics {
  /**
   * Counts a response.
   *
   * @param operation the id of the operation in the contract; {@code none} if the request was for
   *     no operation
   * @param status the HTTP status
   * @param nanoseconds the time from the headers of the request to the end of the response
   */
  void answered(String operation, int status, long nanoseconds);

  /**
   * Counts a problem.
   *
   * @param code the code of the problem in the contract
   */
  void problem(String code);

  /**
   * Counts a response with status 503.
   *
   * @param cause which part could not serve the request, such as {@code database}
   */
  void unavailable(String cause);

  /** Names what the server has limits for. It is read whenever the figures are shown. */
  void watch(Supplier<List<Capacity>> capacities);

  /** Returns all figures in the Prometheus text format 0.0.4, in UTF-8. */
  byte[] exposition();
}
