package io.carechat.domain.paging;

/**
 * A key of a list and a direction from there. It grants nothing: the path and the credential say
 * what may be read.
 *
 * @param <K> the key of the list's order
 * @param pageSize the size of the page it leads to, unless the caller asks for another
 * @param border the key from which the page begins, exclusive
 * @param before true for what is older than the border, false for what is newer
 */
public record PageToken<K extends Comparable<? super K>>(
    PageSize pageSize, K border, boolean before) {

  /** The part of the list that it leads to. */
  public Window<K> window() {
    return before ? new Window.Before<>(border) : new Window.After<>(border);
  }
}
