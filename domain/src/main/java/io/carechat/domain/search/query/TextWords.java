package io.carechat.domain.search.query;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words of one text, arranged so that many conditions are checked in little time. A text of a
 * stranger is judged with a query of a stranger. So the work for a condition is never the number of
 * words times the length of the condition. For use by one thread.
 */
final class TextWords {
  private final List<String> inOrder;

  /** Each word once, in the order of UTF-16 code units. A word's index is its number. */
  private final String[] distinct;

  private int @Nullable [] numbers;
  private int @Nullable [][] codePoints;

  /**
   * @param folded the folded words, in the order of the text
   */
  TextWords(List<String> folded) {
    inOrder = folded;
    distinct = new HashSet<>(folded).toArray(String[]::new);
    Arrays.sort(distinct);
  }

  /** Returns whether a condition is satisfied. */
  boolean contain(SearchTerm term) {
    return switch (term) {
      case SearchTerm.Single(String word, boolean prefix, int typos) -> {
        int at = lowerBound(word);
        yield begins(at, word, prefix) || (typos > 0 && !mistyped(word, typos, true).isEmpty());
      }
      case SearchTerm.Phrase(List<String> words, boolean prefix) ->
          !starts(words, prefix, true).isEmpty();
    };
  }

  /** Returns the positions in the text of all words that satisfy one of the conditions. */
  BitSet positions(List<SearchTerm> terms) {
    var positions = new BitSet();
    var satisfying = new BitSet();
    for (SearchTerm term : terms) {
      switch (term) {
        case SearchTerm.Single(String word, boolean prefix, int typos) -> {
          for (int at = lowerBound(word); begins(at, word, prefix); at++) {
            satisfying.set(at);
          }
          if (typos > 0) {
            satisfying.or(mistyped(word, typos, false));
          }
        }
        case SearchTerm.Phrase(List<String> words, boolean prefix) ->
            starts(words, prefix, false).stream()
                .forEach(start -> positions.set(start, start + words.size()));
      }
    }
    if (!satisfying.isEmpty()) {
      int[] text = numbers();
      for (int i = 0; i < text.length; i++) {
        if (satisfying.get(text[i])) {
          positions.set(i);
        }
      }
    }
    return positions;
  }

  /** Returns the number of the first distinct word that is not before a word. */
  private int lowerBound(String word) {
    int at = Arrays.binarySearch(distinct, word);
    return at < 0 ? -at - 1 : at;
  }

  /** Returns whether there is a word with this number that is, or begins with, the wanted one. */
  private boolean begins(int number, String wanted, boolean prefix) {
    return number < distinct.length && fits(distinct[number], wanted, prefix);
  }

  private static boolean fits(String word, String wanted, boolean prefix) {
    return prefix ? word.startsWith(wanted) : word.equals(wanted);
  }

  /** Returns the numbers of the words that may be meant by a word, all of them or only one. */
  private BitSet mistyped(String wanted, int typos, boolean onlyOne) {
    var found = new BitSet();
    int[] letters = wanted.codePoints().toArray();
    int[][] words = codePoints();
    for (int i = 0; i < words.length; i++) {
      if (TypingErrors.atMost(typos, letters, words[i])) {
        found.set(i);
        if (onlyOne) {
          break;
        }
      }
    }
    return found;
  }

  /**
   * Returns where a phrase begins, everywhere or only at one position. This is the algorithm of
   * Knuth, Morris and Pratt for all words but the last, which may be a beginning. It needs one pass
   * through the text, however often the phrase nearly occurs.
   */
  private BitSet starts(List<String> words, boolean prefix, boolean onlyOne) {
    var found = new BitSet();
    String last = words.getLast();
    if (!begins(lowerBound(last), last, prefix)) {
      return found;
    }
    int[] pattern = new int[words.size() - 1];
    for (int i = 0; i < pattern.length; i++) {
      pattern[i] = Arrays.binarySearch(distinct, words.get(i));
      if (pattern[i] < 0) {
        return found;
      }
    }
    int[] fallback = fallback(pattern);
    int[] text = numbers();
    int matched = 0;
    for (int at = 0; at + 1 < text.length; at++) {
      while (matched > 0 && pattern[matched] != text[at]) {
        matched = fallback[matched - 1];
      }
      if (pattern[matched] == text[at]) {
        matched++;
      }
      if (matched == pattern.length) {
        matched = fallback[matched - 1];
        if (fits(distinct[text[at + 1]], last, prefix)) {
          found.set(at + 1 - pattern.length);
          if (onlyOne) {
            break;
          }
        }
      }
    }
    return found;
  }

  /** Returns, for each start of a pattern, the length of its longest end that is a start too. */
  private static int[] fallback(int[] pattern) {
    int[] fallback = new int[pattern.length];
    int matched = 0;
    for (int i = 1; i < pattern.length; i++) {
      while (matched > 0 && pattern[matched] != pattern[i]) {
        matched = fallback[matched - 1];
      }
      if (pattern[matched] == pattern[i]) {
        matched++;
      }
      fallback[i] = matched;
    }
    return fallback;
  }

  /** Returns the numbers of the words, in the order of the text. */
  private int[] numbers() {
    int[] all = numbers;
    if (all == null) {
      all = new int[inOrder.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = Arrays.binarySearch(distinct, inOrder.get(i));
      }
      numbers = all;
    }
    return all;
  }

  /** Returns the code points of each distinct word. */
  private int[][] codePoints() {
    int[][] all = codePoints;
    if (all == null) {
      all = new int[distinct.length][];
      for (int i = 0; i < all.length; i++) {
        all[i] = distinct[i].codePoints().toArray();
      }
      codePoints = all;
    }
    return all;
  }
}
