package io.carechat.domain.paging;

/**
 * A page token that cannot be used. Nothing was read.
 *
 * <p>No stack trace is kept: this says something about a request, not about the program.
 */
public final class InvalidPageToken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String rule;

  /**
   * @param rule what is wrong, to be read after "The token"; repeats nothing of the token
   */
  public InvalidPageToken(String rule) {
    super("The token " + rule, null, false, false);
    this.rule = rule;
  }

  /** What is wrong, to be read after "The token". */
  public String rule() {
    return rule;
  }
}
