package io.carechat.domain.paging;

import java.util.List;
import java.util.function.Function;

/**
 * Consecutive items of a list.
 *
 * @param <T> the items
 * @param newestFirst without gaps between them
 * @param olderExist whether the list has items older than these; for an empty slice of {@link
 *     Window.After}, whether it has any at or before the border
 */
public record Slice<T>(List<T> newestFirst, boolean olderExist) {
  public Slice {
    newestFirst = List.copyOf(newestFirst);
  }

  /** Reads a list that can only be read up to a limit. */
  @FunctionalInterface
  public interface Reader<T, K extends Comparable<? super K>> {
    /** Up to {@code limit} items of a window, newest first: those nearest to its border. */
    List<T> newestFirst(Window<K> window, int limit);
  }

  /**
   * Reads a slice, and finds out whether there is anything older. It reads one item more than it
   * gives, and looks beyond the older end where that does not answer the question.
   *
   * @param size how many items it may have, 1 or more
   */
  public static <T, K extends Comparable<? super K>> Slice<T> read(
      Window<K> window, int size, Reader<T, K> reader, Function<T, K> keyOf, Neighbours<K> keys) {
    List<T> read = reader.newestFirst(window, size + 1);
    boolean more = read.size() > size;
    return switch (window) {
      case Window.Newest<K>() -> new Slice<>(more ? read.subList(0, size) : read, more);
      case Window.Before<K>(K border) -> new Slice<>(more ? read.subList(0, size) : read, more);
      case Window.After<K>(K border) -> {
        List<T> items = more ? read.subList(1, read.size()) : read;
        K end = items.isEmpty() ? keys.next(border) : keyOf.apply(items.getLast());
        yield new Slice<>(items, !reader.newestFirst(new Window.Before<>(end), 1).isEmpty());
      }
    };
  }
}
