package io.carechat.domain.search.query;

import io.carechat.domain.chat.VisibleText;
import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says for each character what it is in a word, and which character it is compared as. People write
 * the same letter in several ways: with or without an accent, in upper or lower case, in the form
 * that their keyboard has. All these become one.
 *
 * <p>What is found out once is kept in a table of half a megabyte. Thread-safe.
 */
final class CharacterFolding {
  /** A character between words. Its code point says which one, in its plainest form. */
  static final int SEPARATOR = 1;

  /** A character that is dropped: it cannot be seen, or it is an accent that people leave out. */
  static final int DROPPED = 2;

  /** A combining mark that is part of the spelling, such as a vowel of Hindi. */
  static final int MARK = 3;

  /** A letter of a script that has no kind of its own. */
  static final int LETTER = 4;

  /** A letter of Hangul, the Korean script. */
  static final int HANGUL = 5;

  /** A letter of the Arabic script. */
  static final int ARABIC = 6;

  /** A letter of the Hebrew script. */
  static final int HEBREW = 7;

  /** A digit, as ASCII. */
  static final int DIGIT = 8;

  /** A digit that is written higher, as ASCII. */
  static final int RAISED = 9;

  /** A digit that is written lower, as ASCII. */
  static final int LOWERED = 10;

  /** A digit of a number that is one character, such as ½ or ①. */
  static final int NUMBER = 11;

  /** A letter that is a word of its own, because its script has no spaces between words. */
  static final int ALONE = 12;

  /** A picture, which is a word of its own. */
  static final int EMOJI = 13;

  /** Several characters; {@link #expansion} has them. */
  static final int SEVERAL = 14;

  private static final int KIND_SHIFT = 24;
  private static final int EXTRA_SHIFT = 22;
  private static final int REORDERED = 1 << 21;
  private static final int CODE_POINT = REORDERED - 1;

  /** What is added to a letter in its other spelling: ä is also ae, å also aa, đ also dj. */
  private static final char[] EXTRA = {0, 'e', 'a', 'j'};

  private static final int EXTRA_E = 1;
  private static final int EXTRA_A = 2;
  private static final int EXTRA_J = 3;

  private static final Set<UnicodeScript> WITHOUT_SPACES =
      Set.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  private static final int TABLE_SIZE = 0x20000;

  /** Zero stands for what has not been found out yet. Two threads would find out the same. */
  private static final int[] TABLE = new int[TABLE_SIZE];

  private static final Map<Integer, int[]> EXPANSIONS = new ConcurrentHashMap<>();

  private CharacterFolding() {}

  /** Returns what a character is. The other methods read the parts of the result. */
  static int of(int c) {
    if (c >= TABLE_SIZE) {
      return find(c);
    }
    int known = TABLE[c];
    if (known == 0) {
      known = find(c);
      TABLE[c] = known;
    }
    return known;
  }

  /** Returns the kind, which is one of the constants. */
  static int kind(int folded) {
    return folded >>> KIND_SHIFT;
  }

  /** Returns the code point that is compared. */
  static int codePoint(int folded) {
    return folded & CODE_POINT;
  }

  /** Returns the letter that follows in the other spelling, or 0 if there is no other spelling. */
  static char extra(int folded) {
    return EXTRA[(folded >>> EXTRA_SHIFT) & 3];
  }

  /** Returns whether Unicode may change the order of this mark and its neighbours. */
  static boolean isReordered(int mark) {
    return (mark & REORDERED) != 0;
  }

  /** Returns the parts of a character whose kind is {@link #SEVERAL}. */
  static int[] expansion(int c) {
    int[] known = EXPANSIONS.get(c);
    if (known == null) {
      known = foldAll(c);
      EXPANSIONS.put(c, known);
    }
    return known;
  }

  /**
   * Returns the letter that a mark adds to the letter before it in the other spelling, or 0.
   *
   * @param mark a dropped mark
   * @param base the folded letter that carries it
   */
  static char extra(int mark, int base) {
    return EXTRA[extraOf(mark, base)];
  }

  private static int extraOf(int mark, int base) {
    if (mark == 0x0308) {
      return base == 'a' || base == 'o' || base == 'u' ? EXTRA_E : 0;
    }
    return mark == 0x030A && base == 'a' ? EXTRA_A : 0;
  }

  private static int find(int c) {
    int[] parts = foldAll(c);
    if (parts.length == 0) {
      return pack(DROPPED, c);
    }
    if (parts.length == 1) {
      return parts[0];
    }
    return Arrays.stream(parts).allMatch(part -> kind(part) == SEPARATOR)
        ? pack(SEPARATOR, c)
        : pack(SEVERAL, c);
  }

  private static int pack(int kind, int c) {
    return (kind << KIND_SHIFT) | c;
  }

  /** Folds a character to none, one or several. */
  private static int[] foldAll(int c) {
    int special = special(c);
    if (special != 0) {
      return new int[] {special};
    }
    String parts = Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKD);
    int digits = kindOfDigits(c);
    var folded = new int[parts.length() * 3];
    int count = 0;
    for (int at = 0; at < parts.length(); ) {
      int part = parts.codePointAt(at);
      at += Character.charCount(part);
      if (count == 1 && extra(folded[0]) == 0) {
        folded[0] |= extraOf(part, codePoint(folded[0])) << EXTRA_SHIFT;
      }
      // Before the case changes: the upper case of one accent, the iota subscript, is a letter.
      for (int letter : isDropped(part) ? new int[0] : oneCase(part)) {
        int one = fold(letter, digits);
        if (kind(one) != DROPPED) {
          folded[count++] = one;
        }
      }
    }
    return Arrays.copyOf(folded, count);
  }

  /** Characters whose decomposition would say something else than a reader. */
  private static int special(int c) {
    int type = Character.getType(c);
    if (type == Character.UNASSIGNED || type == Character.PRIVATE_USE) {
      return pack(isDropped(c) ? DROPPED : SEPARATOR, c);
    }
    if (c >= 0xAC00 && c <= 0xD7A3) {
      return pack(HANGUL, c);
    }
    if ((c >= 0x3400 && c <= 0x9FFF && type == Character.OTHER_LETTER)
        || (c >= 0x20000 && c < 0x2F800)
        || (c >= 0x30000 && c < 0x40000)) {
      return pack(ALONE, c);
    }
    return switch (c) {
      // Signs of trade and copyright, which nobody types. Some of them are emoji, some letters.
      case 0xA9, 0xAE, 0x2117, 0x2120, 0x2122, 0x1F16A, 0x1F16B, 0x1F16C -> pack(SEPARATOR, c);
      // Fillers that are as wide as a letter, and Braille without a dot.
      case 0x3164, 0xFFA0, 0x2800 -> pack(SEPARATOR, ' ');
      // What people type for an apostrophe.
      case '`', 0xB4, 0x2018, 0x2019, 0x201B, 0x2032, 0x02B9, 0x02BB, 0x02BC, 0x02BD, 0xFF07 ->
          pack(SEPARATOR, '\'');
      case 0x1FBD, 0x1FBF, 0x1FCD, 0x1FCE, 0x1FCF, 0x1FEF, 0x1FFD, 0x055A, 0xA78C ->
          pack(SEPARATOR, '\'');
      // The sound mark of Japanese belongs to no script; zero in Chinese is no letter.
      case 0x30FC, 0xFF70 -> pack(ALONE, 0x30FC);
      case 0x3007 -> pack(ALONE, c);
      // These vowels of Thai and Lao stay whole; TextAnalyzer composes them from two characters.
      case 0x0E33, 0x0EB3 -> pack(ALONE, c);
      default -> isDropped(c) ? pack(DROPPED, c) : 0;
    };
  }

  private static int kindOfDigits(int c) {
    if (Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER) {
      return DIGIT;
    }
    if (c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0x2070 && c <= 0x2079)) {
      return RAISED;
    }
    return c >= 0x2080 && c <= 0x2089 ? LOWERED : NUMBER;
  }

  /**
   * Upper case first: it unifies letters that lower case keeps apart, such as ß and ss, or the two
   * lower-case sigmas.
   */
  private static int[] oneCase(int c) {
    String plain = spelled(c);
    return (plain.isEmpty() ? Character.toString(c) : plain)
        .toUpperCase(Locale.ROOT)
        .toLowerCase(Locale.ROOT)
        .codePoints()
        .flatMap(lower -> {
          String spelled = spelled(lower);
          return spelled.isEmpty() ? Character.toString(lower).codePoints() : spelled.codePoints();
        })
        .toArray();
  }

  private static int fold(int c, int digits) {
    int special = special(c);
    if (special != 0) {
      return special;
    }
    int type = Character.getType(c);
    return switch (type) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK -> mark(c);
      case Character.DECIMAL_DIGIT_NUMBER -> pack(digits, '0' + Character.digit(c, 10));
      case Character.OTHER_NUMBER -> pack(NUMBER, c);
      case Character.OTHER_SYMBOL -> pack(Character.isEmoji(c) ? EMOJI : SEPARATOR, c);
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.LETTER_NUMBER ->
          letter(c);
      default -> pack(SEPARATOR, c);
    };
  }

  private static int mark(int c) {
    int same = sameMark(c);
    // U+0334 comes before every mark that has an order of its own.
    String both = Character.toString(same) + '\u0334';
    boolean moves = !Normalizer.isNormalized(both, Normalizer.Form.NFD);
    return pack(MARK, same) | (moves ? REORDERED : 0);
  }

  private static int letter(int c) {
    int same = sameLetter(c);
    UnicodeScript script = UnicodeScript.of(same);
    int kind =
        switch (script) {
          case HANGUL -> HANGUL;
          case ARABIC -> ARABIC;
          case HEBREW -> HEBREW;
          default -> WITHOUT_SPACES.contains(script) ? ALONE : LETTER;
        };
    int extra =
        switch (c) {
          case 'ø' -> EXTRA_E;
          case 'đ' -> EXTRA_J;
          default -> 0;
        };
    return pack(kind, same) | (extra << EXTRA_SHIFT);
  }

  /** Returns whether a character is left out of words. */
  private static boolean isDropped(int c) {
    return switch (c) {
      // The lengthening of Arabic words, and the hamza that stands for itself.
      case 0x0640, 0x07FA, 0x0621, 0x0674 -> true;
      default ->
          (c >= 0x1F3FB && c <= 0x1F3FF) // the colours of skin
              || VisibleText.isInvisible(c)
              || Character.getType(c) == Character.FORMAT
              || isAccent(c);
    };
  }

  /**
   * Returns whether a character is a mark that people often leave out: an accent of Latin, Greek,
   * Cyrillic or Ethiopic letters, a Hebrew point, an Arabic or Syriac vowel, or the dot (nukta)
   * under a letter of India.
   */
  private static boolean isAccent(int c) {
    int type = Character.getType(c);
    if (type == Character.ENCLOSING_MARK) {
      return true;
    }
    if (type != Character.NON_SPACING_MARK && type != Character.COMBINING_SPACING_MARK) {
      return false;
    }
    return (c >= 0x0300 && c <= 0x036F)
        || (c >= 0x0483 && c <= 0x0489)
        || (c >= 0x0591 && c <= 0x05C7)
        || (c >= 0x0610 && c <= 0x061A)
        || (c >= 0x064B && c <= 0x065F)
        || c == 0x0670
        || (c >= 0x06D6 && c <= 0x06ED)
        || (c >= 0x0711 && c <= 0x074A)
        || (c >= 0x0897 && c <= 0x08FF)
        || isNukta(c)
        || (c >= 0x135D && c <= 0x135F)
        || (c >= 0x1AB0 && c <= 0x1AFF)
        || (c >= 0x1DC0 && c <= 0x1DFF)
        || (c >= 0x20D0 && c <= 0x20FF)
        || (c >= 0x2DE0 && c <= 0x2DFF)
        || (c >= 0x302A && c <= 0x302F)
        || (c >= 0xA66F && c <= 0xA67D)
        || c == 0xFB1E
        || (c >= 0xFE20 && c <= 0xFE2F);
  }

  private static boolean isNukta(int c) {
    return switch (c) {
      case 0x093C, 0x09BC, 0x0A3C, 0x0ABC, 0x0B3C, 0x0C3C, 0x0CBC -> true;
      case 0x110BA, 0x11173, 0x111CA, 0x11236, 0x112E9, 0x1133C -> true;
      case 0x11446, 0x114C3, 0x115C0, 0x116B7, 0x1183A -> true;
      default -> false;
    };
  }

  /** Returns the spelling, in several letters, of a letter that Unicode does not decompose. */
  private static String spelled(int c) {
    return switch (c) {
      case 'ß' -> "ss"; // remains of ẞ, which is upper case already
      case 'æ' -> "ae";
      case 'œ' -> "oe";
      case 'þ' -> "th";
      // Yiddish.
      case 0x05F0 -> "\u05D5\u05D5";
      case 0x05F1 -> "\u05D5\u05D9";
      case 0x05F2 -> "\u05D9\u05D9";
      // Bengali, and letters of Malayalam without their vowel.
      case 0x09CE -> "\u09A4\u09CD";
      case 0x0D7A -> "\u0D23\u0D4D";
      case 0x0D7B -> "\u0D28\u0D4D";
      case 0x0D7C -> "\u0D30\u0D4D";
      case 0x0D7D -> "\u0D32\u0D4D";
      case 0x0D7E -> "\u0D33\u0D4D";
      case 0x0D7F -> "\u0D15\u0D4D";
      default -> "";
    };
  }

  /** Nasal signs that people use alike. */
  private static int sameMark(int c) {
    return switch (c) {
      case 0x0901 -> 0x0902; // Devanagari
      case 0x0A81 -> 0x0A82; // Gujarati
      case 0x0A70 -> 0x0A02; // Gurmukhi
      default -> c;
    };
  }

  /** Returns the letter that a lower-case letter is compared as. */
  private static int sameLetter(int c) {
    if (c < 0x0250) {
      return sameLatin(c);
    }
    if (c < 0x0530) {
      return sameCyrillicOrGreek(c);
    }
    if (c < 0x0700) {
      return sameHebrewOrArabic(c);
    }
    if (c >= 0x1200 && c < 0x1350) {
      return sameEthiopic(c);
    }
    return c >= 0x3040 && c <= 0x30FF ? sameKana(c) : c;
  }

  private static int sameLatin(int c) {
    return switch (c) {
      case 'ø' -> 'o';
      case 'đ', 'ð' -> 'd';
      case 'ł' -> 'l';
      case 'ħ' -> 'h';
      case 'ı' -> 'i';
      case 'ŧ' -> 't';
      case 'ŋ' -> 'n';
      case 'ĸ', 'ƙ' -> 'k';
      case 'ƴ' -> 'y';
      case 'ƒ' -> 'f';
      case 'ƶ' -> 'z';
      case 'ƀ' -> 'b';
      case 'ǝ' -> 'e';
      default -> c;
    };
  }

  private static int sameCyrillicOrGreek(int c) {
    return switch (c) {
      // Letters of Africa, Azerbaijan and others, still Latin.
      case 'ɓ' -> 'b';
      case 'ɖ', 'ɗ' -> 'd';
      case 'ə', 'ɛ' -> 'e';
      case 'ɔ', 'ɵ' -> 'o';
      case 'ɣ' -> 'g';
      case 'ɨ', 'ɩ' -> 'i';
      case 'ʉ' -> 'u';
      case 'ʋ' -> 'v';
      case 'ς' -> 'σ';
      // Letters that a Russian keyboard does not have.
      case 'ґ', 'ғ' -> 'г';
      case 'қ' -> 'к';
      case 'ң' -> 'н';
      case 'ө' -> 'о';
      case 'ү', 'ұ' -> 'у';
      case 'һ' -> 'х';
      case 'ә' -> 'а';
      default -> c;
    };
  }

  private static int sameHebrewOrArabic(int c) {
    return switch (c) {
      // Forms at the end of a Hebrew word.
      case 0x05DA -> 0x05DB;
      case 0x05DD -> 0x05DE;
      case 0x05DF -> 0x05E0;
      case 0x05E3 -> 0x05E4;
      case 0x05E5 -> 0x05E6;
      // Forms of alef, yeh, kaf and heh on the keyboards of Arabic, Persian and Urdu.
      case 0x0671, 0x0672, 0x0673 -> 0x0627;
      case 0x0649, 0x06CC -> 0x064A;
      case 0x06A9, 0x06AA -> 0x0643;
      case 0x0629, 0x06BE, 0x06C1, 0x06C3, 0x06D5 -> 0x0647;
      default -> c;
    };
  }

  /** Amharic has several series of letters for one sound. */
  private static int sameEthiopic(int c) {
    int same = c;
    if (c >= 0x1210 && c <= 0x1216) {
      same = c - 0x10;
    } else if (c >= 0x1280 && c <= 0x1286) {
      same = c - 0x80;
    } else if (c >= 0x12B8 && c <= 0x12BE) {
      same = c - 0xB8;
    } else if (c >= 0x1220 && c <= 0x1227) {
      same = c + 0x10;
    } else if (c >= 0x12D0 && c <= 0x12D6) {
      same = c - 0x30;
    } else if (c >= 0x1340 && c <= 0x1347) {
      same = c - 8;
    }
    return switch (same) {
      case 0x1203 -> 0x1200;
      case 0x12A3 -> 0x12A0;
      default -> same;
    };
  }

  /** Katakana becomes hiragana; the small ka of counted things is written as a large one too. */
  private static int sameKana(int c) {
    return switch (c) {
      case 0x3095, 0x3096, 0x30F5, 0x30F6 -> 0x304B;
      case 0x30FD -> 0x309D;
      default -> c >= 0x30A1 && c <= 0x30F4 ? c - 0x60 : c;
    };
  }
}
