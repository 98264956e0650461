package io.carechat.domain.paging;

/**
 * Computes keys next to a key in the order of a list. Only keys within certain bounds of time can
 * be printed. Where a neighbour would lie outside these bounds, the outermost printable key is used
 * instead.
 *
 * @param <K> the key that orders the list
 */
public interface Neighbours<K> {
  /** Returns a key that is older than the key of any item. */
  K start();

  /** Returns the greatest printable key that is less than this one. */
  K previous(K key);

  /** Returns the least printable key that is greater than this one. */
  K next(K key);
}
