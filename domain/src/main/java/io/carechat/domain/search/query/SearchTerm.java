package io.carechat.domain.search.query;

import java.util.List;

/**
 * One condition of a query: words that must occur in a message. The words are folded as {@link
 * Words} describes.
 */
public sealed interface SearchTerm {
  /** Returns the words. They must occur next to each other and in this order. */
  List<String> words();

  /** Returns whether the last word may be the beginning of a longer word in the message. */
  boolean prefix();

  /**
   * A single word.
   *
   * @param word the word
   * @param prefix as {@link SearchTerm#prefix}
   * @param typos how many typing errors are tolerated, 0 to 2. A typing error is a letter that is
   *     wrong, missing, added, or swapped with its neighbour.
   */
  record Single(String word, boolean prefix, int typos) implements SearchTerm {
    @Override
    public List<String> words() {
      return List.of(word);
    }
  }

  /**
   * Two or more words.
   *
   * @param words the words, in order
   * @param prefix as {@link SearchTerm#prefix}
   */
  record Phrase(List<String> words, boolean prefix) implements SearchTerm {
    /**
     * @throws IllegalArgumentException if there are fewer than two words
     */
    public Phrase {
      words = List.copyOf(words);
      if (words.size() < 2) {
        throw new IllegalArgumentException("A phrase has two words or more");
      }
    }
  }
}
