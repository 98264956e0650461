package io.carechat.api.runtime;

import java.util.List;

/**
 * Thrown when a request violates the contract, before its operation is called. The subclasses are
 * all possible cases, so that error handlers can switch over them. Messages are for clients. They
 * never repeat what a caller sent, except the names of parameters and members.
 *
 * <p>It has no stack trace, because it describes a fault of the request and not of the program.
 */
public abstract sealed class RequestRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private RequestRefused(String message) {
    super(message, null, false, false);
  }

  /** Returns what is wrong, for people. */
  public final String detail() {
    return String.valueOf(getMessage());
  }

  /** Parameters or the body violate a constraint: status 400, {@code invalid-request}. */
  public static final class InvalidRequest extends RequestRefused {
    private static final long serialVersionUID = 1L;
    // Exceptions are serializable, but this one is never serialized.
    private final transient List<Violation> violations;

    /**
     * Makes an exception for all violations of a request.
     *
     * @param violations at least one: those of parameters in the contract's order, then unknown
     *     parameters, then those of the body
     * @throws IllegalArgumentException if there are no violations
     */
    public InvalidRequest(List<Violation> violations) {
      super(detail(violations.size()));
      if (violations.isEmpty()) {
        throw new IllegalArgumentException("no fault");
      }
      this.violations = List.copyOf(violations);
    }

    /** Returns the detail for a number of violations. */
    public static String detail(int count) {
      return (count == 1 ? "1 violation" : count + " violations") + ", listed in errors.";
    }

    /**
     * Returns all violations: those of parameters in the contract's order, then unknown parameters,
     * then those of the body.
     */
    public List<Violation> violations() {
      return violations;
    }
  }

  /** The body is not JSON in UTF-8: status 400, {@code malformed-json}. */
  public static final class MalformedJson extends RequestRefused {
    private static final long serialVersionUID = 1L;

    MalformedJson(String detail) {
      super(detail);
    }
  }

  /** The path does not have the method: status 405, {@code method-not-allowed}. */
  public static final class MethodNotAllowed extends RequestRefused {
    private static final long serialVersionUID = 1L;
    private final String allow;

    MethodNotAllowed(String allow) {
      super("This path supports " + allow + ".");
      this.allow = allow;
    }

    /** Returns the value of the header {@code Allow}. */
    public String allow() {
      return allow;
    }
  }

  /**
   * {@code Accept} excludes the media types of the operation's response: status 406, {@code
   * not-acceptable}.
   */
  public static final class NotAcceptable extends RequestRefused {
    private static final long serialVersionUID = 1L;

    NotAcceptable(String mediaType) {
      super("This operation answers with " + mediaType + ".");
    }
  }

  /** The body has more bytes than the contract allows: status 413, {@code payload-too-large}. */
  public static final class PayloadTooLarge extends RequestRefused {
    private static final long serialVersionUID = 1L;

    PayloadTooLarge(int limit) {
      super("The body must have at most " + limit + " bytes.");
    }
  }

  /**
   * The content type is not uncompressed JSON in UTF-8: status 415, {@code unsupported-media-type}.
   */
  public static final class UnsupportedMediaType extends RequestRefused {
    private static final long serialVersionUID = 1L;

    UnsupportedMediaType() {
      super("The body must be uncompressed application/json in UTF-8.");
    }
  }
}
