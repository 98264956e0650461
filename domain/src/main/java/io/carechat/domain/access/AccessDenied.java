package io.carechat.domain.access;

/**
 * Thrown when a credential does not allow what was asked for. Nothing was read or changed. The
 * result does not depend on whether the requested thing exists.
 *
 * <p>It has no stack trace, because it describes a fault of the request and not of the program.
 */
public final class AccessDenied extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Scope scope;
  private final String detail;

  /**
   * @param scope the scope that the credential would need for that chat or instance
   */
  public AccessDenied(Scope scope) {
    this(scope, "The credential does not cover this request.");
  }

  /**
   * @param scope the scope that the credential would need for that chat or instance
   * @param detail what is missing, as a sentence for the caller; it must not depend on anything
   *     that the caller may not know
   */
  public AccessDenied(Scope scope, String detail) {
    super("The credential does not have " + scope.wireName() + " here", null, false, false);
    this.scope = scope;
    this.detail = detail;
  }

  /** Returns what is missing, as a sentence for the caller. */
  public String detail() {
    return detail;
  }

  /** Returns the scope that the credential would need for that chat or instance. */
  public Scope scope() {
    return scope;
  }
}
