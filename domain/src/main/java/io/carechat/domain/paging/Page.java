package io.carechat.domain.paging;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list, with the tokens of the pages beside it.
 *
 * @param <T> the items
 * @param <K> the key of the list's order
 * @param newestFirst its items
 * @param older leads to the next older page; null if there is nothing older
 * @param newer leads to what is newer, now or later; never null, so that a client can always come
 *     back
 */
public record Page<T, K extends Comparable<? super K>>(
    List<T> newestFirst, @Nullable PageToken<K> older, PageToken<K> newer) {
  public Page {
    newestFirst = List.copyOf(newestFirst);
  }

  /** The same page, with something made of each item. */
  public <R> Page<R, K> map(Function<? super T, ? extends R> mapping) {
    return new Page<>(newestFirst.stream().<R>map(mapping).toList(), older, newer);
  }

  /**
   * The page that a slice of a window makes. Its tokens begin at its own ends.
   *
   * <p>An empty page has no ends. It lies between two items, right behind the border that led to
   * it, and turning back from there must find the item at the border again. So the border moves by
   * one key when the direction turns.
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
      case Window.Before<K>(K border) -> border;
      case Window.After<K>(K border) -> keys.next(border);
    };
  }

  private static <K extends Comparable<? super K>> K newerEnd(
      Window<K> window, Neighbours<K> keys) {
    return switch (window) {
      case Window.Newest<K>() -> keys.start();
      case Window.Before<K>(K border) -> keys.previous(border);
      case Window.After<K>(K border) -> border;
    };
  }
}
