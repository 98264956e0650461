package io.carechat.domain.search.query;

import java.util.BitSet;

/** The words of a text that satisfy conditions of a query. For use by one thread. */
final class FoundWords {
  private final BitSet words = new BitSet();

  /** The words that are joined with their next one. */
  private final BitSet joined = new BitSet();

  /**
   * Adds words that are joined, or a single word.
   *
   * @param first the index of the first word
   * @param last the index of the last word
   */
  void add(int first, int last) {
    words.set(first, last + 1);
    joined.set(first, last);
  }

  /** Returns the index of the first word from a certain one on that was found, or -1. */
  int next(int from) {
    return words.nextSetBit(from);
  }

  /** Returns whether a word was found. */
  boolean contains(int word) {
    return words.get(word);
  }

  /** Returns whether a word and the next one were found as one word. */
  boolean joinsNext(int word) {
    return joined.get(word);
  }
}
