package io.carechat.rest.http;

/** Counts answers, and shows what was counted. Safe for use by many threads. */
public interface Metrics {
  /**
   * Counts an answer.
   *
   * @param operation its id in the contract, or {@code none} for what is no operation
   * @param status of HTTP
   */
  void answered(String operation, int status);

  /** Everything that is counted, in Prometheus's text format 0.0.4 in UTF-8. */
  byte[] exposition();
}
