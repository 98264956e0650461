package io.carechat.domain.paging;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list, with the tokens of the pages on both sides of it.
 *
 * @param <T> the type of the items
 * @param <K> the key that orders the list
 * @param newestFirst the items, newest first
 * @param older the token of the next older page; null if there are no older items
 * @param newer the token of the items that are newer, now or later. It is never null, so that a
 *     client can always continue from here.
 */
public record Page<T, K extends Comparable<? super K>>(
    List<T> newestFirst, @Nullable PageToken<K> older, PageToken<K> newer) {
  /** Copies the list. */
  public Page {
    newestFirst = List.copyOf(newestFirst);
  }

  /** Returns the same page with each item replaced by what the mapping makes of it. */
  public <R> Page<R, K> map(Function<? super T, ? extends R> mapping) {
    return new Page<>(newestFirst.stream().<R>map(mapping).toList(), older, newer);
  }

  /**
   * Makes a page from a slice of a window. Normally the tokens hold the keys of the page's own
   * first and last items.
   *
   * <p>An empty page has no such items. Its position is between two items, directly behind the
   * cursor that led to it. A client that pages back from there must get the item at the cursor
   * again. But a page never includes the item at its own cursor. So the token that leads back holds
   * the key directly behind the cursor.
   *
   * @param slice what was read
   * @param window what was to be read
   * @param size the size of this page and of the pages that the tokens lead to
   * @param keyOf returns the key of an item
   * @param keys computes the neighbours of keys
   */
  public static <T, K extends Comparable<? super K>> Page<T, K> of(
      Slice<T> slice, Window<K> window, PageSize size, Function<T, K> keyOf, Neighbours<K> keys) {
    List<T> items = slice.newestFirst();
    K oldest = items.isEmpty() ? olderEnd(window, keys) : keyOf.apply(items.getLast());
    K newest = items.isEmpty() ? newerEnd(window, keys) : keyOf.apply(items.getFirst());
    return new Page<>(
        items,
        slice.olderExist() ? new PageToken<>(size, oldest, true) : null,
        new PageToken<>(size, newest, false));
  }

  private static <K extends Comparable<? super K>> K olderEnd(
      Window<K> window, Neighbours<K> keys) {
    return switch (window) {
      case Window.Newest<K>() -> keys.start();
      case Window.Before<K>(K cursor) -> cursor;
      case Window.After<K>(K cursor) -> keys.next(cursor);
    };
  }

  private static <K extends Comparable<? super K>> K newerEnd(
      Window<K> window, Neighbours<K> keys) {
    return switch (window) {
      case Window.Newest<K>() -> keys.start();
      case Window.Before<K>(K cursor) -> keys.previous(cursor);
      case Window.After<K>(K cursor) -> cursor;
    };
  }
}
