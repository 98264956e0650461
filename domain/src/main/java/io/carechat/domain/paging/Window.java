package io.carechat.domain.paging;

/**
 * The part of a list that a page is taken from. The list is ordered by a key, and no two items have
 * the same key.
 *
 * @param <K> the key that orders the list
 */
public sealed interface Window<K extends Comparable<? super K>> {
  /** The newest items of the whole list. */
  record Newest<K extends Comparable<? super K>>() implements Window<K> {}

  /**
   * The items that are older than the cursor. The page has those nearest to the cursor.
   *
   * @param cursor the key at which the window ends, exclusive
   */
  record Before<K extends Comparable<? super K>>(K cursor) implements Window<K> {}

  /**
   * The items that are newer than the cursor. The page has those nearest to the cursor.
   *
   * @param cursor the key at which the window begins, exclusive
   */
  record After<K extends Comparable<? super K>>(K cursor) implements Window<K> {}

  /** Returns whether the window contains the item with a key. */
  default boolean contains(K key) {
    return switch (this) {
      case Newest<K>() -> true;
      case Before<K>(K cursor) -> key.compareTo(cursor) < 0;
      case After<K>(K cursor) -> key.compareTo(cursor) > 0;
    };
  }
}
