package io.carechat.domain.search.query;

import java.util.List;

/** Other spellings of whole words. */
final class OtherSpellings {
  /** The article and what is written together with it: and, with, like, so, for. */
  private static final List<String> ARTICLES =
      List.of("وال", "بال", "كال", "فال", "ولل", "ال", "لل");

  private static final String AND = "و";

  /** What has fewer letters is more likely a word that happens to begin like this. */
  private static final int MIN_REST = 3;

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
