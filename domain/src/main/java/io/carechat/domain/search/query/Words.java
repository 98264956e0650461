package io.carechat.domain.search.query;

import java.util.HexFormat;
import java.util.Set;

/**
 * Splits text into words that can be compared. The index, the queries, the search without the index
 * and the highlights all use this analysis, so that they cannot disagree.
 *
 * <ul>
 *   <li>A word is a sequence of letters with their marks, or a sequence of digits: {@code 5mg} is
 *       {@code 5} and {@code mg}. Letters of Hangul, Arabic and Hebrew form words of their own, and
 *       so do digits that are written higher or lower. All other characters separate words.
 *   <li>Some scripts are written without spaces: Han, Kana, Thai, Lao, Khmer and Myanmar. In these
 *       scripts each letter with its marks is a word. Each emoji is a word too.
 *   <li>Words are compared without regard to case, accents, compatible forms (Unicode NFKD),
 *       characters that cannot be seen, and the forms that different keyboards have for one letter:
 *       {@code Ärzte} is {@code arzte}, {@code SpO₂} is {@code SpO2}. {@link CharacterFolding} has
 *       the rules.
 *   <li>A word may have other spellings: {@code Ärzte} is {@code aerzte} too. Words that are linked
 *       are also one word: {@code follow-up} is {@code follow}, {@code up} and {@code followup}.
 *       {@link WordLinks} has the rules.
 *   <li>Only the first {@value #MAX_LENGTH} code points of a word are compared, and of a sequence
 *       of combining marks only the first {@value #MAX_MARKS}.
 * </ul>
 *
 * <p>The analysis takes time in proportion to the length of the text. Thread-safe.
 */
public final class Words {
  /**
   * The version of the rules. An index that was filled with another one has to be filled again. It
   * is raised whenever a rule changes.
   */
  public static final int VERSION = 3;

  /** The number of code points of a word that are compared. */
  public static final int MAX_LENGTH = 100;

  /**
   * The number of code points of a sequence of combining marks that are compared, accents not
   * counted. This is the bound of the Unicode stream-safe text format (UAX #15). No language needs
   * more. The JDK sorts such a sequence in a time that grows with the square of its length.
   */
  public static final int MAX_MARKS = 30;

  private Words() {}

  /**
   * Returns every spelling of every word of a text, those of joined words included, each once. The
   * order depends only on the text. This is what a search engine has to know of a text: if a query
   * matches the text, then each of its conditions is {@linkplain SearchTerm#mayOccur possible} in
   * these words. None of them is empty or has white space.
   */
  public static Set<String> indexed(String text) {
    return TextAnalyzer.analyze(text).spellings();
  }

  /**
   * Returns a text of hexadecimal digits that changes with {@link #VERSION}, and if another version
   * of Unicode folds any character differently. An index that was filled with another fingerprint
   * has to be filled again. The first call takes up to a second.
   */
  public static String fingerprint() {
    return Fingerprint.VALUE;
  }

  /** Returns the part of a word that is compared. */
  static String beginning(String word) {
    return word.length() <= MAX_LENGTH || word.codePointCount(0, word.length()) <= MAX_LENGTH
        ? word
        : word.substring(0, word.offsetByCodePoints(0, MAX_LENGTH));
  }

  /** Is loaded when it is needed. */
  private static final class Fingerprint {
    // The hash FNV-1a of 64 bits, of numbers of 32 bits instead of bytes.
    private static final long OFFSET_BASIS = 0xCBF29CE484222325L;
    private static final long PRIME = 0x100000001B3L;

    static final String VALUE = find();

    private Fingerprint() {}

    private static String find() {
      long hash = with(OFFSET_BASIS, VERSION);
      for (int c = 1; c <= Character.MAX_CODE_POINT; c++) {
        int folded = CharacterFolding.of(c);
        if (CharacterFolding.kind(folded) == CharacterFolding.SEVERAL) {
          for (int part : CharacterFolding.expansion(c)) {
            hash = with(hash, part);
          }
        } else if (CharacterFolding.kind(folded) != CharacterFolding.SEPARATOR) {
          hash = with(with(hash, c), folded);
        }
      }
      return HexFormat.of().toHexDigits(hash);
    }

    private static long with(long hash, int number) {
      return (hash ^ number) * PRIME;
    }
  }
}
