package io.carechat.domain.search.query;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Makes the fragments of a text that show where a query was found. */
final class Highlighter {
  /** The maximum number of fragments of one text. */
  static final int MAX_FRAGMENTS = 3;

  /** How far a fragment reaches before and after a word that matches, in UTF-16 code units. */
  private static final int FRAGMENT_MARGIN = 60;

  private Highlighter() {}

  /**
   * Returns fragments in the order of the text, as escaped HTML in which the words that match are
   * marked with {@code <em>}.
   *
   * @param words the words of the text
   * @param found the indices of the words that match
   */
  static List<String> fragments(String text, List<Words.Word> words, BitSet found) {
    var fragments = new ArrayList<String>();
    int shown = -1;
    int next = found.nextSetBit(0);
    while (next >= 0 && fragments.size() < MAX_FRAGMENTS) {
      int from = Math.max(shown + 1, wordBoundaryBefore(words, next));
      shown = wordBoundaryAfter(words, next);
      fragments.add(fragment(text, words, found, from, shown));
      next = found.nextSetBit(shown + 1);
    }
    return fragments;
  }

  private static int wordBoundaryBefore(List<Words.Word> words, int at) {
    int from = at;
    while (from > 0 && words.get(at).start() - words.get(from - 1).start() <= FRAGMENT_MARGIN) {
      from--;
    }
    return from;
  }

  private static int wordBoundaryAfter(List<Words.Word> words, int at) {
    int to = at;
    while (to + 1 < words.size()
        && words.get(to + 1).end() - words.get(at).end() <= FRAGMENT_MARGIN) {
      to++;
    }
    return to;
  }

  private static String fragment(
      String text, List<Words.Word> words, BitSet found, int from, int to) {
    var html = new StringBuilder();
    int at = words.get(from).start();
    for (int i = from; i <= to; i++) {
      Words.Word word = words.get(i);
      appendEscaped(html, text, at, word.start());
      if (found.get(i)) {
        html.append("<em>");
        appendEscaped(html, text, word.start(), word.end());
        html.append("</em>");
      } else {
        appendEscaped(html, text, word.start(), word.end());
      }
      at = word.end();
    }
    return html.toString();
  }

  private static void appendEscaped(StringBuilder html, String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        default -> html.append(c);
      }
    }
  }
}
