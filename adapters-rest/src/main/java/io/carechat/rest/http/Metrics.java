package io.carechat.rest.http;

/** Counts responses and shows the counters. Safe for use by many threads. */
public interface Metrics {
  /**
   * Counts a response.
   *
   * @param operation the id of the operation in the contract; {@code none} if the request was for
   *     no operation
   * @param status the HTTP status
   */
  void answered(String operation, int status);

  /** Returns all counters in the Prometheus text format 0.0.4, in UTF-8. */
  byte[] exposition();
}
