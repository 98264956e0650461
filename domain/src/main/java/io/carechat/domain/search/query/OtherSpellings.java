package io.carechat.domain.search.query;

import java.util.ArrayList;
import java.util.List;

/** Other spellings of whole words. */
final class OtherSpellings {
  /** The article and what is written together with it: and, with, like, so, for. */
  private static final List<String> ARTICLES =
      List.of("وال", "بال", "كال", "فال", "ولل", "ال", "لل");

  private static final String AND = "و";

  /** What has fewer letters is more likely a word that happens to begin like this. */
  private static final int MIN_REST = 3;

  // Signs of Devanagari. Those of Gujarati follow in the same order.
  private static final String NASALS = "\u0919\u091E\u0923\u0928\u092E";
  private static final int VIRAMA = 0x094D;
  private static final int DOT = 0x0902;
  private static final int GUJARATI = 0x0180;

  private OtherSpellings() {}

  /**
   * Returns an Arabic word without its article and without the word for "and", which are written
   * together with it. The result is empty if there is neither.
   *
   * @param folded the word
   * @param text the text that it comes from; an alef with a hamza is no article
   * @param start where it begins in the text
   */
  static String withoutArticle(String folded, String text, int start) {
    if (!hasHamza(text, start)) {
      for (String article : ARTICLES) {
        if (folded.startsWith(article) && folded.length() - article.length() >= MIN_REST) {
          return folded.substring(article.length());
        }
      }
    }
    return folded.startsWith(AND) && folded.length() - AND.length() >= MIN_REST
        ? folded.substring(AND.length())
        : "";
  }

  private static boolean hasHamza(String text, int start) {
    char first = text.charAt(start);
    char second = start + 1 < text.length() ? text.charAt(start + 1) : 0;
    return first == 'آ' || first == 'أ' || first == 'إ' || (second >= 0x0653 && second <= 0x0655);
  }

  /**
   * Returns the spellings of the beginning of a word. In Devanagari and Gujarati, a nasal before
   * another consonant is written as a dot too ({@link TextAnalyzer} makes it one). Whoever types a
   * word has typed the nasal before the consonant that follows.
   */
  static List<String> ofBeginning(List<String> spellings) {
    var all = new ArrayList<String>(spellings);
    for (String spelling : spellings) {
      int end = spelling.length();
      int script = spelling.charAt(end - 1) >= 0x0A80 ? GUJARATI : 0;
      int nasal = spelling.charAt(end - 1) == VIRAMA + script ? end - 2 : end - 1;
      if (nasal > 0 && NASALS.indexOf(spelling.charAt(nasal) - script) >= 0) {
        all.add(spelling.substring(0, nasal) + (char) (DOT + script));
      }
    }
    return all;
  }

  /** Returns the spellings of a unit: µmol is typed as umol too, and µg as ug and as mcg. */
  static List<String> ofMicro(String folded) {
    String unit = folded.substring(1);
    boolean isUnit =
        !unit.isEmpty() && unit.length() <= 4 && unit.chars().allMatch(c -> c >= 'a' && c <= 'z');
    if (!isUnit) {
      return List.of(folded);
    }
    return unit.equals("g") ? List.of(folded, "ug", "mcg") : List.of(folded, "u" + unit);
  }
}
