package io.carechat.domain.search.index;

import java.time.Duration;

/**
 * Thrown when a working index does not carry out one query. For example, the query is too
 * expensive, or the index has too much to do at this moment. This says nothing about other queries.
 * So it must not be taken for an outage of the index.
 */
public final class QueryRefused extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration retryAfter;

  /**
   * @param what says what was refused, as a sentence for logs; it contains nothing of the query
   * @param retryAfter after which time a retry makes sense
   */
  public QueryRefused(String what, Duration retryAfter) {
    super(what);
    this.retryAfter = retryAfter;
  }

  /** Returns after which time a retry makes sense. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
