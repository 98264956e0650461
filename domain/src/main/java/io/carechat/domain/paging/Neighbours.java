package io.carechat.domain.paging;

/**
 * The keys next to a key, in the order of a list. A key can only be printed within bounds of time:
 * where a neighbour would lie outside of them, the outermost key that can be printed stands in.
 *
 * @param <K> the key of the list's order
 */
public interface Neighbours<K> {
  /** A key that is older than every item can be. */
  K start();

  /** The nearest key before this one. */
  K previous(K key);

  /** The nearest key after this one. */
  K next(K key);
}
