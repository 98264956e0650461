package io.carechat.rest.http;

/**
 * Thrown when a request is not carried out because of its credential or because there are too many
 * requests. It has no stack trace, because it describes a fault of the request and not of the
 * program.
 */
public abstract sealed class RequestRejected extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private RequestRejected(String detail) {
    super(detail, null, false, false);
  }

  /** Returns what is wrong, for the caller. */
  final String detail() {
    return String.valueOf(getMessage());
  }

  /** The request has no valid credential (HTTP status 401). */
  static final class Unauthenticated extends RequestRejected {
    private static final long serialVersionUID = 1L;

    Unauthenticated(String detail) {
      super(detail);
    }
  }

  /** Another site may have caused the request (HTTP status 403). */
  static final class CrossSite extends RequestRejected {
    private static final long serialVersionUID = 1L;

    CrossSite(String detail) {
      super(detail);
    }
  }

  /** The log has not reached the position from which events are wanted (HTTP status 400). */
  public static final class UnknownPosition extends RequestRejected {
    private static final long serialVersionUID = 1L;
    private final String parameter;

    /**
     * @param parameter the parameter or header with the position
     */
    public UnknownPosition(String parameter) {
      super(
          "The event log has not reached this position. It may be from before an older copy of the database was"
              + " restored, or from another installation. Read again from a position that you trust, or from now.");
      this.parameter = parameter;
    }

    String parameter() {
      return parameter;
    }
  }

  /** The caller has sent too many requests (HTTP status 429). */
  public static final class TooManyRequests extends RequestRejected {
    private static final long serialVersionUID = 1L;
    private final long retryAfterSeconds;

    TooManyRequests(long retryAfterSeconds) {
      this(Problems.tryAgainIn(retryAfterSeconds), retryAfterSeconds);
    }

    /**
     * @param detail which limit was reached, for the caller
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
