package io.carechat.domain.chat;

import io.carechat.domain.messages.IdempotencyKey;
import java.time.Duration;

/**
 * Something that the chat needs is away or overloaded: the caller may try again. Whether a write
 * took place is unknown; an {@link IdempotencyKey} settles it.
 */
public final class Unavailable extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Duration retryAfter;

  /**
   * @param what is away, as a sentence for logs; never shown to a client
   * @param retryAfter when a retry makes sense
   */
  public Unavailable(String what, Duration retryAfter, Throwable cause) {
    super(what, cause);
    this.retryAfter = retryAfter;
  }

  /** As the other, for what has no cause but load. */
  public Unavailable(String what, Duration retryAfter) {
    super(what);
    this.retryAfter = retryAfter;
  }

  /** When a retry makes sense. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
