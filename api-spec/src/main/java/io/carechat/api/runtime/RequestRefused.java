package io.carechat.api.runtime;
import java.util.List;

/**
 * A request that never reached its operation, because it breaks the contract. The classes are all
 * the ways there are; whoever answers can switch over them. Messages are for clients: they never
 * repeat what a caller sent, except the names of parameters and members.
 *
 * <p>No stack traces are kept: these say something about a request, not about the program.
 */
public abstract sealed class RequestRefused extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private RequestRefused(String message) {
    super(message, null, false, false);
  }

  /** What is wrong, for people. */
  public final String detail() {
    return String.valueOf(getMessage());
  }

  /** Parameters or the body break a constraint: 400, {@code invalid-request}. */
  public static final class InvalidRequest extends RequestRefused {
    private static final long serialVersionUID = 1L;
    // Exceptions are serializable, this one is never serialized.
    private final transient List<Violation> faults;

    /**
     * Takes all the faults there are.
     *
     * @param faults at least one: parameters in the contract's order, then unknown ones, then the
     *     body's
     */
    public InvalidRequest(List<Violation> faults) {
      super(detail(faults.size()));
      if (faults.isEmpty()) {
        throw new IllegalArgumentException("no fault");
      }
      this.faults = List.copyOf(faults);
    }

    /** What to say of so many faults. */
    public static String detail(int faults) {
      return (faults == 1 ? "1 fault" : faults + " faults") + ", listed in errors.";
    }

    /** Every fault: parameters in the contract's order, then unknown ones, then the body's. */
    public List<Violation> faults() {
      return faults;
    }
  }

  /** The body is not JSON in UTF-8: 400, {@code malformed-json}. */
  public static final class MalformedJson extends RequestRefused {
    private static final long serialVersionUID = 1L;

    MalformedJson(String detail) {
      super(detail);
    }
  }

  /** The path has no such method: 405, {@code method-not-allowed}. */
  public static final class MethodNotAllowed extends RequestRefused {
    private static final long serialVersionUID = 1L;
    private final String allow;

    MethodNotAllowed(String allow) {
      super("This path has " + allow + ".");
      this.allow = allow;
    }

    /** The value of the header {@code Allow}. */
    public String allow() {
      return allow;
    }
  }

  /** {@code Accept} excludes what the operation answers with: 406, {@code not-acceptable}. */
  public static final class NotAcceptable extends RequestRefused {
    private static final long serialVersionUID = 1L;

    NotAcceptable(String mediaType) {
      super("This operation answers with " + mediaType + ".");
    }
  }

  /** The body has more bytes than the contract allows: 413, {@code payload-too-large}. */
  public static final class PayloadTooLarge extends RequestRefused {
    private static final long serialVersionUID = 1L;

    PayloadTooLarge(int limit) {
      super("A body may have at most " + limit + " bytes.");
    }
  }

  /** The body is not declared as plain JSON in UTF-8: 415, {@code unsupported-media-type}. */
  public static final class UnsupportedMediaType extends RequestRefused {
    private static final long serialVersionUID = 1L;

    UnsupportedMediaType() {
      super("The body must be application/json in UTF-8, not compressed.");
    }
  }
}
