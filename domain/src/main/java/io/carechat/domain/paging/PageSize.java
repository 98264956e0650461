package io.carechat.domain.paging;

/** How many items a page has at most: {@value #MIN} to {@value #MAX}. */
public record PageSize(int value) {
  public static final int MIN = 1;
  public static final int MAX = 200;

  /** What a caller gets who asks for no size. */
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
