package io.carechat.domain.search.query;

import java.util.BitSet;
import java.util.List;

/**
 * Decides about hits by comparing each condition with each word, one letter after the other. It is
 * slow, but short enough to be right.
 */
final class PlainJudge {
  private PlainJudge() {}

  static boolean matches(SearchQuery query, List<String> words) {
    return !query.isEmpty()
        && query.required().stream().allMatch(term -> !positions(words, term).isEmpty())
        && query.excluded().stream().allMatch(term -> positions(words, term).isEmpty());
  }

  /** The positions of the words that satisfy a condition. */
  static BitSet positions(List<String> words, SearchTerm term) {
    var positions = new BitSet();
    for (int at = 0; at <= words.size() - term.words().size(); at++) {
      if (occursAt(words, at, term)) {
        positions.set(at, at + term.words().size());
      }
    }
    return positions;
  }

  private static boolean occursAt(List<String> words, int at, SearchTerm term) {
    int last = term.words().size() - 1;
    for (int i = 0; i < last; i++) {
      if (!words.get(at + i).equals(term.words().get(i))) {
        return false;
      }
    }
    String word = words.get(at + last);
    String wanted = term.words().get(last);
    return word.equals(wanted)
        || (term.prefix() && word.startsWith(wanted))
        || (term instanceof SearchTerm.Single single
            && single.typos() > 0
            && distance(wanted, word) <= single.typos());
  }

  /** The "optimal string alignment" distance, by its definition. */
  static int distance(String one, String other) {
    int[] a = one.codePoints().toArray();
    int[] b = other.codePoints().toArray();
    int[][] d = new int[a.length + 1][b.length + 1];
    for (int i = 0; i <= a.length; i++) {
      for (int j = 0; j <= b.length; j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int wrong = a[i - 1] == b[j - 1] ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + wrong);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length][b.length];
  }
}
