package io.carechat.domain.chat;

import io.carechat.domain.messages.IdempotencyKey;
import java.time.Duration;

/**
 * Thrown when something that the chat needs is unavailable or overloaded. The caller may try again.
 * If the call was a write, it is unknown whether the write happened. To repeat a send safely, use
 * an {@link IdempotencyKey}.
 */
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration retryAfter;

  /**
   * Makes an exception that has a cause.
   *
   * @param what says what is unavailable, as a sentence for logs; it is never shown to a client
   * @param retryAfter after which time a retry makes sense
   * @param cause what failed
   */
  public Unavailable(String what, Duration retryAfter, Throwable cause) {
    super(what, cause);
    this.retryAfter = retryAfter;
  }

  /**
   * Makes an exception without a cause, for overload.
   *
   * @param what as in the other constructor
   * @param retryAfter as in the other constructor
   */
  public Unavailable(String what, Duration retryAfter) {
    super(what);
    this.retryAfter = retryAfter;
  }

  /** Returns after which time a retry makes sense. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
