package io.carechat.domain.paging;

/**
 * The maximum number of items on a page.
 *
 * @param value {@value #MIN} to {@value #MAX}
 */
public record PageSize(int value) {
  /** The smallest page size. */
  public static final int MIN = 1;

  /** The largest page size. */
  public static final int MAX = 200;

  /** The page size for callers that ask for none. */
  public static final PageSize DEFAULT = new PageSize(50);

  /**
   * @throws IllegalArgumentException if the size is out of bounds
   */
  public PageSize {
    if (value < MIN || value > MAX) {
      throw new IllegalArgumentException("A page has " + MIN + " to " + MAX + " items");
    }
  }
}
