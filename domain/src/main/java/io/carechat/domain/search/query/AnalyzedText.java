package io.carechat.domain.search.query;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The words of a text, each with its spellings, and the words that they are when they are written
 * together.
 *
 * @param words the words, in the order of the text
 * @param joined what neighbouring words are together, ordered by {@code first} and then by {@code
 *     last}
 */
record AnalyzedText(List<Word> words, List<Joined> joined) {
  /**
   * A word in a text.
   *
   * @param spellings the folded spellings; at least one, none empty, none with white space. The
   *     first one has a plain letter for each letter.
   * @param kind the kind of its characters, as in {@link CharacterFolding}
   * @param start the index of its first character in the text, in UTF-16 code units
   * @param end the index after its last character, in UTF-16 code units
   */
  record Word(List<String> spellings, int kind, int start, int end) {
    /** Returns the first spelling. */
    String folded() {
      return spellings.getFirst();
    }
  }

  /**
   * Words that are one word when they are written together.
   *
   * @param first the index of the first word
   * @param last the index of the last word, greater than {@code first} by less than {@link
   *     #MAX_PARTS}
   * @param spellings the folded spellings of the one word, as in {@link Word}
   */
  record Joined(int first, int last, List<String> spellings) {
    /** The maximum number of words that are joined. */
    static final int MAX_PARTS = 15;
  }

  /** Returns all spellings, each once: those of the words, and then those of the joined words. */
  Set<String> spellings() {
    var all = new LinkedHashSet<String>();
    for (Word word : words) {
      all.addAll(word.spellings());
    }
    for (Joined one : joined) {
      all.addAll(one.spellings());
    }
    return all;
  }
}
