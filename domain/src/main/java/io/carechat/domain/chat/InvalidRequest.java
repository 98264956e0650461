package io.carechat.domain.chat;

import java.util.List;

/**
 * Thrown when a request breaks rules of the domain. Nothing was done.
 *
 * <p>It has no stack trace, because it describes a fault of the request and not of the program.
 */
public final class InvalidRequest extends RuntimeException {
  private static final long serialVersionUID = 1L;

  // Exceptions are serializable, but this one is never serialized.
  private final transient List<Violation> violations;

  /**
   * Makes an exception for several violations.
   *
   * @param violations all violations that were found, at least one
   * @throws IllegalArgumentException if there are no violations
   */
  public InvalidRequest(List<Violation> violations) {
    super("The request breaks " + violations.size() + " rule(s)", null, false, false);
    if (violations.isEmpty()) {
      throw new IllegalArgumentException("A request without violations is valid");
    }
    this.violations = List.copyOf(violations);
  }

  /**
   * Makes an exception for one violation.
   *
   * @param member as in {@link Violation}
   * @param rule as in {@link Violation}
   */
  public InvalidRequest(String member, String rule) {
    this(List.of(new Violation(member, rule)));
  }

  /** Returns all violations that were found, at least one. */
  public List<Violation> violations() {
    return violations;
  }
}
