package io.carechat.domain.access;

/**
 * The credential does not cover what was asked for. Nothing was read or changed, and whether the
 * thing exists made no difference.
 *
 * <p>No stack trace is kept: this says something about a request, not about the program.
 */
public final class AccessDenied extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Scope scope;

  /**
   * @param scope what would have been needed, for that chat or instance
   */
  public AccessDenied(Scope scope) {
    super("The credential does not have " + scope.wireName() + " here", null, false, false);
    this.scope = scope;
  }

  /** The scope that was needed, for that chat or instance. */
  public Scope scope() {
    return scope;
  }
}
