package io.carechat.rest.http;

/**
 * A request that is not carried out, because of its credential or because there are too many. No
 * stack traces are kept: these say something about a request, not about the program.
 */
public abstract sealed class RequestRejected extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private RequestRejected(String detail) {
    super(detail, null, false, false);
  }

  /** What is wrong, for the caller. */
  final String detail() {
    return String.valueOf(getMessage());
  }

  /** 401. */
  static final class Unauthenticated extends RequestRejected {
    private static final long serialVersionUID = 1L;

    Unauthenticated(String detail) {
      super(detail);
    }
  }

  /** 429. */
  public static final class TooManyRequests extends RequestRejected {
    private static final long serialVersionUID = 1L;
    private final long retryAfterSeconds;

    TooManyRequests(long retryAfterSeconds) {
      this(Problems.tryAgainIn(retryAfterSeconds), retryAfterSeconds);
    }

    /**
     * @param detail what there is too much of, for the caller
     * @param retryAfterSeconds when to try again, 1 or more
     */
    public TooManyRequests(String detail, long retryAfterSeconds) {
      super(detail);
      this.retryAfterSeconds = retryAfterSeconds;
    }

    long retryAfterSeconds() {
      return retryAfterSeconds;
    }
  }
}
