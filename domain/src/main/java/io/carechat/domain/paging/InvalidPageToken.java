package io.carechat.domain.paging;

/**
 * Thrown when a page token cannot be used. Nothing was read.
 *
 * <p>It has no stack trace, because it describes a fault of the request and not of the program.
 */
public final class InvalidPageToken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String rule;

  /**
   * @param rule what is wrong, as the end of a sentence that begins with "The token". It repeats
   *     nothing of the token.
   */
  public InvalidPageToken(String rule) {
    super("The token " + rule, null, false, false);
    this.rule = rule;
  }

  /** Returns what is wrong, as the end of a sentence that begins with "The token". */
  public String rule() {
    return rule;
  }
}
