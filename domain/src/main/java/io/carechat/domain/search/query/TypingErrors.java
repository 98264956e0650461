package io.carechat.domain.search.query;

/**
 * Compares words that may contain typing errors. A typing error is a code point that is added,
 * missing, wrong, or swapped with its neighbour. No part of a word is corrected twice: this is the
 * "optimal string alignment" distance.
 */
final class TypingErrors {
  /**
   * The longest word in which errors are tolerated, in code points. What a search engine needs for
   * a word grows with its length.
   */
  static final int MAX_LENGTH = 30;

  private static final int MIN_LENGTH = 5;

  private TypingErrors() {}

  /**
   * Returns how many errors are tolerated in a word: none in up to 4 letters, 1 in up to 8 letters,
   * 2 in up to {@value #MAX_LENGTH} letters, and none in longer words and in words with digits.
   */
  static int forgivenIn(String word) {
    if (!word.codePoints().allMatch(Character::isLetter)) {
      return 0;
    }
    int length = word.codePointCount(0, word.length());
    if (length < MIN_LENGTH || length > MAX_LENGTH) {
      return 0;
    }
    return length <= 8 ? 1 : 2;
  }

  /** Returns whether a word of this many code points may be near to one with tolerated errors. */
  static boolean canBeNear(int length) {
    return length >= MIN_LENGTH - 1 && length <= MAX_LENGTH + 2;
  }

  /**
   * Returns which letters a word has, one bit for each. Several letters share a bit.
   *
   * @param word the code points of the word
   */
  static long letters(int[] word) {
    long letters = 0;
    for (int c : word) {
      letters |= 1L << c;
    }
    return letters;
  }

  /**
   * Returns false if the letters alone show that two words differ by more than this many errors.
   * One error adds at most one letter that the other word does not have, and takes at most one.
   *
   * @param one what {@link #letters} returns for a word
   * @param other what {@link #letters} returns for the other word
   */
  static boolean mayBeAtMost(int errors, long one, long other) {
    return Long.bitCount(one & ~other) <= errors && Long.bitCount(other & ~one) <= errors;
  }

  /** Returns whether one word can be turned into the other with at most this many errors. */
  static boolean atMost(int errors, String one, String other) {
    return atMost(errors, one.codePoints().toArray(), other.codePoints().toArray());
  }

  /**
   * Returns whether one word can be turned into the other with at most this many errors. It takes
   * time in proportion to the length of the words, and 4 times as long for each error.
   *
   * @param one the code points of a word
   * @param other the code points of a word
   */
  static boolean atMost(int errors, int[] one, int[] other) {
    return Math.abs(one.length - other.length) <= errors && atMost(errors, one, 0, other, 0);
  }

  /**
   * Compares the ends of two words. What both begin with is correct: no other correction needs
   * fewer errors. Then there is an error, and there are only four kinds of it.
   */
  private static boolean atMost(int errors, int[] one, int from, int[] other, int otherFrom) {
    int i = from;
    int j = otherFrom;
    while (i < one.length && j < other.length && one[i] == other[j]) {
      i++;
      j++;
    }
    int left = one.length - i;
    int otherLeft = other.length - j;
    if (Math.abs(left - otherLeft) > errors) {
      return false;
    }
    if (left == 0 || otherLeft == 0) {
      return true;
    }
    if (errors == 0) {
      return false;
    }
    return atMost(errors - 1, one, i + 1, other, j + 1)
        || atMost(errors - 1, one, i + 1, other, j)
        || atMost(errors - 1, one, i, other, j + 1)
        || (left > 1
            && otherLeft > 1
            && one[i] == other[j + 1]
            && one[i + 1] == other[j]
            && atMost(errors - 1, one, i + 2, other, j + 2));
  }
}
