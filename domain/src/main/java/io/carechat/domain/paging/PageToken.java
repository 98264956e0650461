package io.carechat.domain.paging;

/**
 * A position in a list and a direction. It leads to the page that begins there. A token grants no
 * access: what may be read depends only on the path and the credential.
 *
 * @param <K> the key that orders the list
 * @param pageSize the size of that page, unless the caller asks for another size
 * @param cursor the key next to which the page begins, exclusive
 * @param before true for items that are older than the cursor, false for items that are newer
 */
public record PageToken<K extends Comparable<? super K>>(
    PageSize pageSize, K cursor, boolean before) {

  /** Returns the part of the list that the token leads to. */
  public Window<K> window() {
    return before ? new Window.Before<>(cursor) : new Window.After<>(cursor);
  }
}
