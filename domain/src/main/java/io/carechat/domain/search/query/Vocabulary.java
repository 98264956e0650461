package io.carechat.domain.search.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Folded words, arranged so that those near to a given word are found in little time. It keeps only
 * words of 4 to 32 code points: no other can be near to a word in which errors are tolerated.
 * Immutable.
 */
public final class Vocabulary {
  /** A vocabulary without words. */
  public static final Vocabulary EMPTY = new Vocabulary(new int[0][]);

  /** Shorter words first. Binary search needs one order, and {@link #near} needs this one. */
  private static final Comparator<int[]> ORDER =
      Comparator.<int[]>comparingInt(word -> word.length).thenComparing(Arrays::compare);

  /** The code points of each word, in this order. */
  private final int[][] words;

  private Vocabulary(int[][] words) {
    this.words = words;
  }

  /** Returns a vocabulary that contains these words too. */
  public Vocabulary with(Collection<String> folded) {
    var added = new TreeSet<int[]>(ORDER);
    for (String word : folded) {
      int[] codePoints = word.codePoints().toArray();
      if (TypingErrors.canBeNear(codePoints.length)
          && Arrays.binarySearch(words, codePoints, ORDER) < 0) {
        added.add(codePoints);
      }
    }
    if (added.isEmpty()) {
      return this;
    }
    int[][] all = Arrays.copyOf(words, words.length + added.size());
    int at = words.length;
    for (int[] word : added) {
      all[at++] = word;
    }
    // Two sorted sequences, which the JDK's sort merges.
    Arrays.sort(all, ORDER);
    return new Vocabulary(all);
  }

  /** Returns the number of words. */
  public int size() {
    return words.length;
  }

  /**
   * Returns the words that differ from the given one by at most this many typing errors, shorter
   * ones first.
   *
   * @param errors 0 to 2
   */
  public List<String> near(String word, int errors) {
    int[] wanted = word.codePoints().toArray();
    var near = new ArrayList<String>();
    for (int at = firstOfLength(wanted.length - errors);
        at < words.length && words[at].length <= wanted.length + errors;
        at++) {
      if (TypingErrors.atMost(errors, wanted, words[at])) {
        near.add(new String(words[at], 0, words[at].length));
      }
    }
    return near;
  }

  private int firstOfLength(int length) {
    int low = 0;
    int high = words.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (words[middle].length < length) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
