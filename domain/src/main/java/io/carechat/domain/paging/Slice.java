package io.carechat.domain.paging;

import java.util.List;
import java.util.function.Function;

/**
 * Consecutive items of a list. No item between them is left out.
 *
 * @param <T> the type of the items
 * @param newestFirst the items, newest first
 * @param olderExist whether the list has items that are older than these. For an empty slice of
 *     {@link Window.After}: whether the list has items at the cursor or before it.
 */
public record Slice<T>(List<T> newestFirst, boolean olderExist) {
  /** Copies the list. */
  public Slice {
    newestFirst = List.copyOf(newestFirst);
  }

  /**
   * Reads items of a list, up to a limit.
   *
   * @param <T> the type of the items
   * @param <K> the key that orders the list
   */
  @FunctionalInterface
  public interface Reader<T, K extends Comparable<? super K>> {
    /**
     * Returns up to {@code limit} items of a window, newest first. If the window has more items,
     * those nearest to its cursor are returned.
     *
     * @param limit 1 or more
     */
    List<T> newestFirst(Window<K> window, int limit);
  }

  /**
   * Reads a slice, and finds out whether the list has older items. For that it reads one item more
   * than it returns. In a window of newer items, that item is at the newer end and says nothing
   * about older ones. So it also reads one item beyond the older end.
   *
   * @param size the maximum number of items, 1 or more
   * @param reader reads the list
   * @param keyOf returns the key of an item
   * @param keys computes the neighbours of keys
   */
  public static <T, K extends Comparable<? super K>> Slice<T> read(
      Window<K> window, int size, Reader<T, K> reader, Function<T, K> keyOf, Neighbours<K> keys) {
    List<T> found = reader.newestFirst(window, size + 1);
    boolean more = found.size() > size;
    return switch (window) {
      case Window.Newest<K>() -> new Slice<>(more ? found.subList(0, size) : found, more);
      case Window.Before<K>(K cursor) -> new Slice<>(more ? found.subList(0, size) : found, more);
      case Window.After<K>(K cursor) -> {
        List<T> items = more ? found.subList(1, found.size()) : found;
        K end = items.isEmpty() ? keys.next(cursor) : keyOf.apply(items.getLast());
        yield new Slice<>(items, !reader.newestFirst(new Window.Before<>(end), 1).isEmpty());
      }
    };
  }
}
