package io.carechat.domain.search.query;

import io.carechat.domain.search.query.AnalyzedText.Word;
import java.util.ArrayList;
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
   * marked with {@code <em>}. Words that match and have nothing between them are marked together,
   * as are words that match as one word.
   *
   * @param words the words of the text
   * @param found the words that match
   */
  static List<String> fragments(String text, List<Word> words, FoundWords found) {
    var fragments = new ArrayList<String>();
    int shown = -1;
    int next = found.next(0);
    while (next >= 0 && fragments.size() < MAX_FRAGMENTS) {
      int from = Math.max(shown + 1, wordBoundaryBefore(words, next));
      shown = wordBoundaryAfter(words, next);
      fragments.add(fragment(text, words, found, from, shown));
      next = found.next(shown + 1);
    }
    return fragments;
  }

  private static int wordBoundaryBefore(List<Word> words, int at) {
    int from = at;
    while (from > 0 && words.get(at).start() - words.get(from - 1).start() <= FRAGMENT_MARGIN) {
      from--;
    }
    while (from < at && isOneForReaders(words, from - 1)) {
      from++;
    }
    return from;
  }

  private static int wordBoundaryAfter(List<Word> words, int at) {
    int to = at;
    while (to + 1 < words.size()
        && words.get(to + 1).end() - words.get(at).end() <= FRAGMENT_MARGIN) {
      to++;
    }
    while (to > at && isOneForReaders(words, to)) {
      to--;
    }
    return to;
  }

  /** Returns whether a reader takes a word and the next one for one, as in {@code 5mg}. */
  private static boolean isOneForReaders(List<Word> words, int first) {
    return first >= 0
        && first + 1 < words.size()
        && words.get(first).kind() < CharacterFolding.ALONE
        && words.get(first).end() >= words.get(first + 1).start();
  }

  private static String fragment(
      String text, List<Word> words, FoundWords found, int from, int to) {
    var html = new StringBuilder();
    int at = words.get(from).start();
    int i = from;
    while (i <= to) {
      Word word = words.get(i);
      if (found.contains(i)) {
        int last = endOfRun(words, found, i, to);
        // Several words may be one character, so a word may begin before its neighbour's end.
        int start = Math.max(at, word.start());
        appendEscaped(html, text, at, start);
        at = Math.max(at, words.get(last).end());
        if (start < at) {
          html.append("<em>");
          appendEscaped(html, text, start, at);
          html.append("</em>");
        }
        i = last + 1;
      } else {
        int next = found.next(i);
        boolean shared = next >= 0 && next <= to && words.get(next).start() < word.end();
        if (!shared && at < word.end()) {
          appendEscaped(html, text, at, word.end());
          at = word.end();
        }
        i++;
      }
    }
    return html.toString();
  }

  /** Returns the last word that is marked together with a word. */
  private static int endOfRun(List<Word> words, FoundWords found, int first, int to) {
    int last = first;
    while (last < to
        && found.contains(last + 1)
        && (found.joinsNext(last) || words.get(last).end() >= words.get(last + 1).start())) {
      last++;
    }
    return last;
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
