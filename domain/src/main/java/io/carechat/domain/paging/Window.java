package io.carechat.domain.paging;

/**
 * Which part of a list a page is taken from. The list is ordered by a key that no two of its items
 * share. Borders are exclusive.
 *
 * @param <K> the key of the list's order
 */
public sealed interface Window<K extends Comparable<? super K>> {
  /** The newest items. */
  record Newest<K extends Comparable<? super K>>() implements Window<K> {}

  /** What is older than the border; the items nearest to it come first. */
  record Before<K extends Comparable<? super K>>(K border) implements Window<K> {}

  /** What is newer than the border; the items nearest to it come first. */
  record After<K extends Comparable<? super K>>(K border) implements Window<K> {}

  /** Whether the item with a key lies in it. */
  default boolean contains(K key) {
    return switch (this) {
      case Newest<K>() -> true;
      case Before<K>(K border) -> key.compareTo(border) < 0;
      case After<K>(K border) -> key.compareTo(border) > 0;
    };
  }
}
