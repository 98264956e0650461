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

  /**
   * @param scope the scope that the credential would need for that chat or instance
   */
  public AccessDenied(Scope scope) {
    super("The credential does not have " + scope.wireName() + " here", null, false, false);
    this.scope = scope;
  }

  /** Returns the scope that the credential would need for that chat or instance. */
  public Scope scope() {
    return scope;
  }
}
