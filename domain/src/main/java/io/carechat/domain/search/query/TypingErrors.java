package io.carechat.domain.search.query;

/**
 * Compares words that may contain typing errors. A typing error is a code point that is added,
 * missing, wrong, or swapped with its neighbour. No part of a word is corrected twice: this is the
 * "optimal string alignment" distance.
 */
final class TypingErrors {
  private TypingErrors() {}

  /**
   * Returns how many errors are tolerated in a word: none in up to 4 letters, 1 in up to 8 letters,
   * 2 in longer words, and none in words with digits.
   */
  static int forgivenIn(String word) {
    if (!word.codePoints().allMatch(Character::isLetter)) {
      return 0;
    }
    int length = word.codePointCount(0, word.length());
    if (length < 5) {
      return 0;
    }
    return length <= 8 ? 1 : 2;
  }

  /** Returns whether one word can be turned into the other with at most this many errors. */
  static boolean atMost(int errors, String one, String other) {
    int[] a = one.codePoints().toArray();
    int[] b = other.codePoints().toArray();
    if (Math.abs(a.length - b.length) > errors) {
      return false;
    }
    int[] beforeLast = new int[b.length + 1];
    int[] last = new int[b.length + 1];
    int[] row = new int[b.length + 1];
    for (int j = 0; j <= b.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
      row[0] = i;
      int best = i;
      for (int j = 1; j <= b.length; j++) {
        int wrong = a[i - 1] == b[j - 1] ? 0 : 1;
        row[j] = Math.min(Math.min(last[j] + 1, row[j - 1] + 1), last[j - 1] + wrong);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
        best = Math.min(best, row[j]);
      }
      if (best > errors + 1) {
        return false;
      }
    }
    return row[b.length] <= errors;
  }
}
