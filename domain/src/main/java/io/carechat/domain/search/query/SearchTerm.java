package io.carechat.domain.search.query;

import java.util.List;

/**
 * One condition of a query on the words of a message. Its words are folded as {@link Words} does.
 */
public sealed interface SearchTerm {
  /** The words that must be there, next to each other and in this order. */
  List<String> words();

  /** Whether the last word may go on in the message. */
  boolean prefix();

  /**
   * One word.
   *
   * @param typos how many letters may be wrong, missing, too many, or swapped with their neighbour:
   *     0 to 2
   */
  record Single(String word, boolean prefix, int typos) implements SearchTerm {
    @Override
    public List<String> words() {
      return List.of(word);
    }
  }

  /** Two words or more. */
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
