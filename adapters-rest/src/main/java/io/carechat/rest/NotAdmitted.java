package io.carechat.rest;

/**
 * A request that did not come in. No stack traces are kept: these say something about a request,
 * not about the program.
 */
abstract sealed class NotAdmitted extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private NotAdmitted(String detail) {
    super(detail, null, false, false);
  }

  /** What is wrong, for the caller. */
  final String detail() {
    return String.valueOf(getMessage());
  }

  /** 401. */
  static final class Unauthenticated extends NotAdmitted {
    private static final long serialVersionUID = 1L;

    Unauthenticated(String detail) {
      super(detail);
    }
  }

  /** 429. */
  static final class TooManyRequests extends NotAdmitted {
    private static final long serialVersionUID = 1L;
    private final long retryAfterSeconds;

    TooManyRequests(long retryAfterSeconds) {
      super(Problems.tryAgainIn(retryAfterSeconds));
      this.retryAfterSeconds = retryAfterSeconds;
    }

    long retryAfterSeconds() {
      return retryAfterSeconds;
    }
  }
}
