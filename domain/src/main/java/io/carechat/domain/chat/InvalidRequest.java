package io.carechat.domain.chat;

import java.util.List;

/**
 * What was asked for breaks rules of the domain. Nothing was done.
 *
 * <p>No stack trace is kept: this says something about a request, not about the program.
 */
public final class InvalidRequest extends RuntimeException {
  private static final long serialVersionUID = 1L;

  // Exceptions are serializable, this one is never serialized.
  private final transient List<Violation> violations;

  /**
   * @param violations all that were found, at least one
   */
  public InvalidRequest(List<Violation> violations) {
    super("The request breaks " + violations.size() + " rule(s)", null, false, false);
    if (violations.isEmpty()) {
      throw new IllegalArgumentException("A request without violations is valid");
    }
    this.violations = List.copyOf(violations);
  }

  /** A request with one violation. */
  public InvalidRequest(String member, String rule) {
    this(List.of(new Violation(member, rule)));
  }

  /** Everything that was found to be wrong. */
  public List<Violation> violations() {
    return violations;
  }
}
