package io.carechat.domain.search.query;

import io.carechat.domain.search.query.AnalyzedText.Joined;
import io.carechat.domain.search.query.AnalyzedText.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Notices what stands between the words of a text, and says which of them are one word when they
 * are written together:
 *
 * <ul>
 *   <li>Parts that are linked by one hyphen, apostrophe or middle dot ({@code follow-up}), by the
 *       marks of Hebrew, or by the non-joiner of Persian: each pair, and all together if there are
 *       at most {@value #MAX_CHAIN}.
 *   <li>Single letters that are linked by full stops ({@code z.B.}): all together.
 *   <li>Groups of digits that may be a telephone number, of {@value #MIN_PHONE} to {@value
 *       #MAX_PHONE} digits: from the first group on, and up to the last group.
 *   <li>Groups of digits that may be thousands ({@code 1.000}).
 * </ul>
 *
 * <p>What is joined grows in proportion to the number of words. For use by one thread.
 */
final class WordLinks {
  /** The maximum number of parts of a chain, or of thousands, that are joined. */
  private static final int MAX_CHAIN = 8;

  private static final int MIN_PHONE = 7;

  /** The maximum number of digits of a telephone number (ITU-T E.164). */
  private static final int MAX_PHONE = 15;

  // What stands before a word. In a chain, each word but the first has one of these.
  private static final int PART = 1;
  private static final int FULL_STOP = 1 << 1;
  private static final int FULL_STOP_AND_SPACE = 1 << 2;
  private static final int PHONE = 1 << 3;

  /** The character that may separate thousands is above these bits. */
  private static final int THOUSANDS_SHIFT = 8;

  private static final String HYPHENS = "-\u2010\u2011\u2012\u2013\u058A\u05BE";
  private static final String MIDDLE_DOTS = "\u00B7\u2027";
  private static final String HEBREW_MARKS = "\u05F3\u05F4\"\u201D";
  private static final String IN_PHONE = " -\u2010\u2011\u2012\u2013/.()";
  private static final String THOUSANDS = ".,' \u066C";

  /** More characters than this link nothing. */
  private static final int MAX_GAP = 3;

  private final int[] gap = new int[MAX_GAP];
  private int gapLength;

  /** What stands before each word, by its index. It is not longer than necessary. */
  private int[] before = new int[0];

  private int linkedWords;

  /** Notices a character between words. */
  void separate(int c) {
    if (gapLength < MAX_GAP) {
      gap[gapLength] = c;
    }
    gapLength++;
  }

  /**
   * Notices that a word begins.
   *
   * @param kind its kind
   * @param kindBefore the kind of the word before it, or 0 if it is the first
   * @param index its index
   * @param parts whether a character that cannot be seen separates it from the word before it
   */
  void startWord(int kind, int kindBefore, int index, boolean parts) {
    if (kind == kindBefore && (parts || (gapLength > 0 && gapLength <= MAX_GAP))) {
      int link = parts ? PART : link(kind);
      if (link != 0) {
        if (before.length <= index) {
          before = Arrays.copyOf(before, Math.max(2 * before.length, index + 16));
        }
        before[index] = link;
        linkedWords = index + 1;
      }
    }
    gapLength = 0;
  }

  private int link(int kind) {
    if (kind == CharacterFolding.DIGIT) {
      return linkOfDigits();
    }
    if (kind > CharacterFolding.HEBREW) {
      return 0;
    }
    int c = gap[0];
    if (gapLength == 1) {
      boolean links =
          HYPHENS.indexOf(c) >= 0
              || c == '\''
              || MIDDLE_DOTS.indexOf(c) >= 0
              || (kind == CharacterFolding.HEBREW && HEBREW_MARKS.indexOf(c) >= 0);
      return links ? PART : c == '.' ? FULL_STOP : 0;
    }
    return gapLength == 2 && c == '.' && gap[1] == ' ' ? FULL_STOP_AND_SPACE : 0;
  }

  private int linkOfDigits() {
    int link = gapLength == 2 && gap[0] == ' ' && gap[1] == ' ' ? 0 : PHONE;
    for (int i = 0; i < gapLength; i++) {
      link = IN_PHONE.indexOf(gap[i]) >= 0 ? link : 0;
    }
    return gapLength == 1 && THOUSANDS.indexOf(gap[0]) >= 0
        ? link | gap[0] << THOUSANDS_SHIFT
        : link;
  }

  /** Returns what the words of the text are together. */
  List<Joined> joined(List<Word> words) {
    if (linkedWords == 0) {
      return List.of();
    }
    var joined = new ArrayList<Joined>();
    int first = 0;
    while (first < words.size()) {
      int last = first;
      boolean digits = words.get(first).kind() == CharacterFolding.DIGIT;
      int link = before(first + 1);
      while (digits ? before(last + 1) != 0 : isLinked(words, last + 1, link)) {
        last++;
      }
      if (digits) {
        joinThousands(words, first, last, joined);
        joinPhones(words, first, last, joined);
      } else if (last > first) {
        joinParts(words, first, last, joined);
      }
      first = last + 1;
    }
    joined.sort(Comparator.comparingInt(Joined::first).thenComparingInt(Joined::last));
    return joined;
  }

  private int before(int index) {
    return index < linkedWords ? before[index] : 0;
  }

  /** In a chain, all links are of one kind: {@code z.B. U.S.A.} has two chains. */
  private boolean isLinked(List<Word> words, int index, int link) {
    return link != 0
        && before(index) == link
        && (link == PART || (isOneLetter(words.get(index - 1)) && isOneLetter(words.get(index))));
  }

  private static boolean isOneLetter(Word word) {
    return word.folded().codePointCount(0, word.folded().length()) == 1;
  }

  private void joinParts(List<Word> words, int first, int last, List<Joined> joined) {
    if (last - first < MAX_CHAIN) {
      joined.add(join(words, first, last));
    }
    if (last - first > 1 && before(last) == PART) {
      for (int i = first; i < last; i++) {
        joined.add(join(words, i, i + 1));
      }
    }
  }

  /** Groups that were joined as thousands are joined once more. That does no harm. */
  private void joinPhones(List<Word> words, int first, int last, List<Joined> joined) {
    int from = first;
    while (from < last) {
      int to = from;
      while (to < last && (before(to + 1) & PHONE) != 0) {
        to++;
      }
      int digits = words.get(from).folded().length();
      int i = from;
      while (i < to && digits + words.get(i + 1).folded().length() <= MAX_PHONE) {
        i++;
        digits += words.get(i).folded().length();
        if (digits >= MIN_PHONE) {
          joined.add(join(words, from, i));
        }
      }
      boolean whole = i == to;
      digits = words.get(to).folded().length();
      i = to;
      while (i > from && digits + words.get(i - 1).folded().length() <= MAX_PHONE) {
        i--;
        digits += words.get(i).folded().length();
        if (digits >= MIN_PHONE && !(whole && i == from)) {
          joined.add(join(words, i, to));
        }
      }
      from = to + 1;
    }
  }

  private void joinThousands(List<Word> words, int first, int last, List<Joined> joined) {
    int from = first;
    while (from < last) {
      int separator = before(from + 1) >> THOUSANDS_SHIFT;
      int to = from;
      while (to < last
          && separator != 0
          && before(to + 1) >> THOUSANDS_SHIFT == separator
          && isGroup(words, to + 1, last, separator)) {
        to++;
      }
      String start = words.get(from).folded();
      if (to > from
          && to - from < MAX_CHAIN
          && start.length() <= 3
          && start.charAt(0) != '0'
          && words.get(to).folded().length() == 3) {
        joined.add(join(words, from, to));
      }
      from = Math.max(to, from + 1);
    }
  }

  /** Three digits. In India, two in all groups but the last. */
  private boolean isGroup(List<Word> words, int index, int last, int separator) {
    int length = words.get(index).folded().length();
    return length == 3
        || (length == 2
            && separator == ','
            && index < last
            && before(index + 1) >> THOUSANDS_SHIFT == separator);
  }

  private static Joined join(List<Word> words, int first, int last) {
    var main = new StringBuilder();
    var other = new StringBuilder();
    boolean differs = false;
    for (int i = first; i <= last; i++) {
      Word word = words.get(i);
      boolean hasOther = word.spellings().size() > 1 && word.kind() == CharacterFolding.LETTER;
      differs |= hasOther;
      main.append(word.folded());
      other.append(hasOther ? word.spellings().get(1) : word.folded());
    }
    String folded = Words.beginning(main.toString());
    return new Joined(
        first,
        last,
        differs ? List.of(folded, Words.beginning(other.toString())) : List.of(folded));
  }
}
