package io.carechat.domain.search.query;

import java.util.Collection;
import java.util.List;

/**
 * One condition of a query: words that must occur in a message. The words are folded as {@link
 * Words} describes.
 */
public sealed interface SearchTerm {
  /**
   * Returns whether a text may satisfy the condition.
   *
   * @param indexed the words of the text, as {@link Words#indexed} returns them
   * @return false only if the text does not satisfy the condition. The order of words is not
   *     considered, so a phrase may be possible that does not occur.
   */
  boolean mayOccur(Collection<String> indexed);

  /**
   * A single word.
   *
   * @param spellings the spellings of the word, each once; one of them must occur
   * @param prefix whether the word may be the beginning of a longer word in the message
   * @param typos how many typing errors are tolerated in the first spelling, 0 to 2. A typing error
   *     is a letter that is wrong, missing, added, or swapped with its neighbour.
   */
  record Single(List<String> spellings, boolean prefix, int typos) implements SearchTerm {
    /**
     * @throws IllegalArgumentException if there is no spelling
     */
    public Single {
      spellings = spellingsOf(spellings);
    }

    /** Returns whether a folded word of a message is the wanted one. */
    public boolean mayBe(String word) {
      return fits(spellings, prefix, word)
          || (typos > 0 && TypingErrors.atMost(typos, spellings.getFirst(), word));
    }

    @Override
    public boolean mayOccur(Collection<String> indexed) {
      return indexed.stream().anyMatch(this::mayBe);
    }
  }

  /**
   * Two or more words, which must occur next to each other and in this order.
   *
   * @param words the spellings of each word; one of them must occur
   * @param prefix whether the last word may be the beginning of a longer word in the message
   */
  record Phrase(List<List<String>> words, boolean prefix) implements SearchTerm {
    /**
     * @throws IllegalArgumentException if there are fewer than two words, or a word without
     *     spelling
     */
    public Phrase {
      words = words.stream().map(SearchTerm::spellingsOf).toList();
      if (words.size() < 2) {
        throw new IllegalArgumentException("A phrase has two words or more");
      }
    }

    @Override
    public boolean mayOccur(Collection<String> indexed) {
      int last = words.size() - 1;
      for (int i = 0; i <= last; i++) {
        List<String> spellings = words.get(i);
        boolean beginning = prefix && i == last;
        if (indexed.stream().noneMatch(word -> fits(spellings, beginning, word))) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Several ways to write what is searched for, such as {@code follow-up} and {@code followup}. One
   * of them must occur.
   *
   * @param alternatives two or more, each a {@link Single} or a {@link Phrase}
   */
  record AnyOf(List<SearchTerm> alternatives) implements SearchTerm {
    /**
     * @throws IllegalArgumentException if there are fewer than two alternatives, or one of them has
     *     alternatives itself
     */
    public AnyOf {
      alternatives = List.copyOf(alternatives);
      if (alternatives.size() < 2) {
        throw new IllegalArgumentException("There must be two alternatives or more");
      }
      if (alternatives.stream().anyMatch(AnyOf.class::isInstance)) {
        throw new IllegalArgumentException("An alternative must not have alternatives");
      }
    }

    @Override
    public boolean mayOccur(Collection<String> indexed) {
      return alternatives.stream().anyMatch(alternative -> alternative.mayOccur(indexed));
    }
  }

  private static List<String> spellingsOf(List<String> spellings) {
    if (spellings.isEmpty()) {
      throw new IllegalArgumentException("A word has a spelling");
    }
    return List.copyOf(spellings);
  }

  private static boolean fits(List<String> spellings, boolean prefix, String word) {
    for (String spelling : spellings) {
      if (prefix ? word.startsWith(spelling) : word.equals(spelling)) {
        return true;
      }
    }
    return false;
  }
}
