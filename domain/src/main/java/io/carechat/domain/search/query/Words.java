package io.carechat.domain.search.query;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Splits text into words that can be compared. The index, the queries, the search without the index
 * and the highlights all use this analysis, so that they cannot disagree.
 *
 * <ul>
 *   <li>A word is a sequence of letters, digits and combining marks. All other characters separate
 *       words: {@code don't} is two words.
 *   <li>Some scripts are written without spaces: Han, Kana, Thai, Lao, Khmer and Myanmar. In these
 *       scripts each letter with its marks is a word. Each emoji is a word too.
 *   <li>Words are compared without regard to case, accents and compatible forms (Unicode NFKD):
 *       {@code Ärzte} is {@code arzte}, {@code Straße} is {@code strasse}.
 *   <li>Only the first {@value #MAX_LENGTH} code points of a word are compared, and of a sequence
 *       of combining marks only the first {@value #MAX_MARKS}.
 * </ul>
 *
 * <p>The analysis takes time in proportion to the length of the text.
 */
public final class Words {
  /** The number of code points of a word that are compared. */
  public static final int MAX_LENGTH = 100;

  /**
   * The number of code points of a sequence of combining marks that are compared, accents not
   * counted. This is the bound of the Unicode stream-safe text format (UAX #15). No language needs
   * more. The JDK sorts such a sequence in a time that grows with the square of its length.
   */
  public static final int MAX_MARKS = 30;

  private static final Set<UnicodeScript> WITHOUT_SPACES =
      Set.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  private Words() {}

  /**
   * A word in a text.
   *
   * @param folded the form that is compared; never empty, and without white space
   * @param start the index of its first character in the text, in UTF-16 code units
   * @param end the index after its last character, in UTF-16 code units
   */
  public record Word(String folded, int start, int end) {}

  /** Returns the words of a text, in order. */
  public static List<Word> of(String text) {
    var words = new ArrayList<Word>();
    int at = 0;
    while (at < text.length()) {
      int c = text.codePointAt(at);
      int end = at + Character.charCount(c);
      if (isEmoji(c)) {
        words.add(new Word(Character.toString(c), at, end));
      } else if (isWordPart(c)) {
        end = standsAlone(c) ? endOfMarks(text, end) : endOfRun(text, end);
        String folded = fold(text.substring(at, end));
        if (!folded.isEmpty()) {
          words.add(new Word(folded, at, end));
        }
      }
      at = end;
    }
    return words;
  }

  /** Returns the folded words of a text, in order. */
  public static List<String> foldedOf(String text) {
    return of(text).stream().map(Word::folded).toList();
  }

  private static int endOfMarks(String text, int from) {
    int at = from;
    while (at < text.length() && isMark(text.codePointAt(at))) {
      at += Character.charCount(text.codePointAt(at));
    }
    return at;
  }

  private static int endOfRun(String text, int from) {
    int at = from;
    while (at < text.length()) {
      int c = text.codePointAt(at);
      if (!isWordPart(c) || standsAlone(c)) {
        break;
      }
      at += Character.charCount(c);
    }
    return at;
  }

  private static boolean isWordPart(int c) {
    return Character.isLetterOrDigit(c)
        || Character.getType(c) == Character.LETTER_NUMBER
        || isMark(c);
  }

  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
  }

  private static boolean standsAlone(int c) {
    return Character.isLetter(c) && WITHOUT_SPACES.contains(UnicodeScript.of(c));
  }

  private static boolean isEmoji(int c) {
    return Character.getType(c) == Character.OTHER_SYMBOL && Character.isEmoji(c);
  }

  private static String fold(String word) {
    return isAscii(word) ? first(word.toLowerCase(Locale.ROOT)) : foldUnicode(word);
  }

  /** Whether a word has only letters and digits of ASCII, which need no normalization. */
  private static boolean isAscii(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (word.charAt(i) > 0x7F) {
        return false;
      }
    }
    return true;
  }

  private static String foldUnicode(String word) {
    var letters = new StringBuilder();
    Normalizer.normalize(withoutManyMarks(word), Normalizer.Form.NFKD)
        .codePoints()
        .filter(c -> isWordPart(c) && !isAccent(c))
        .forEach(letters::appendCodePoint);
    // Convert to upper case first. This unifies letters that lower case keeps apart, such as ß and
    // ss, or the two lower-case sigmas.
    String oneCase = letters.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    var folded = new StringBuilder();
    oneCase.codePoints().forEach(c -> appendPlain(c, folded));
    return first(Normalizer.normalize(folded, Normalizer.Form.NFC));
  }

  /** Leaves out accents, which are not compared, and marks after the first of a sequence. */
  private static String withoutManyMarks(String word) {
    var kept = new StringBuilder(word.length());
    int marks = 0;
    for (int at = 0; at < word.length(); ) {
      int c = word.codePointAt(at);
      at += Character.charCount(c);
      marks = isMark(c) ? marks : 0;
      if (!isAccent(c) && (!isMark(c) || ++marks <= MAX_MARKS)) {
        kept.appendCodePoint(c);
      }
    }
    return kept.toString();
  }

  private static String first(String word) {
    return word.length() <= MAX_LENGTH || word.codePointCount(0, word.length()) <= MAX_LENGTH
        ? word
        : word.substring(0, word.offsetByCodePoints(0, MAX_LENGTH));
  }

  /**
   * Returns whether a code point is a mark that people often leave out: an accent of Latin, Greek
   * or Cyrillic letters, a Hebrew point or an Arabic vowel.
   */
  private static boolean isAccent(int c) {
    return (c >= 0x0300 && c <= 0x036F)
        || (c >= 0x0591 && c <= 0x05C7)
        || (c >= 0x064B && c <= 0x065F)
        || c == 0x0670
        || (c >= 0x1AB0 && c <= 0x1AFF)
        || (c >= 0x1DC0 && c <= 0x1DFF)
        || (c >= 0x20D0 && c <= 0x20FF)
        || (c >= 0xFE00 && c <= 0xFE0F);
  }

  /** Appends the plain spelling of letters that have no Unicode decomposition. */
  private static void appendPlain(int c, StringBuilder to) {
    switch (c) {
      case 'ß' -> to.append("ss"); // remains of ẞ, which is upper case already
      case 'æ' -> to.append("ae");
      case 'œ' -> to.append("oe");
      case 'ø' -> to.append('o');
      case 'đ', 'ð' -> to.append('d');
      case 'ł' -> to.append('l');
      case 'ħ' -> to.append('h');
      case 'þ' -> to.append("th");
      case 'ı' -> to.append('i');
      case 'ς' -> to.append('σ');
      default -> to.appendCodePoint(c);
    }
  }
}
