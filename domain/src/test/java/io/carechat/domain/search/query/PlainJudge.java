package io.carechat.domain.search.query;

import io.carechat.domain.search.query.AnalyzedText.Joined;
import io.carechat.domain.search.query.AnalyzedText.Word;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Decides about hits by comparing each condition with each word, one letter after the other. It is
 * slow, but short enough to be right.
 */
final class PlainJudge {
  private PlainJudge() {}

  static boolean matches(SearchQuery query, AnalyzedText text) {
    return !query.isEmpty()
        && query.required().stream().allMatch(term -> !positions(text, term).isEmpty())
        && query.excluded().stream().allMatch(term -> positions(text, term).isEmpty());
  }

  /** The positions of the words that satisfy a condition. */
  static BitSet positions(AnalyzedText text, SearchTerm term) {
    var positions = new BitSet();
    switch (term) {
      case SearchTerm.Single single ->
          edges(text).stream()
              .filter(edge -> edge.spellings().stream().anyMatch(word -> isMeant(single, word)))
              .forEach(edge -> positions.set(edge.first(), edge.last() + 1));
      case SearchTerm.Phrase(List<List<String>> words, boolean prefix) -> {
        for (int at = 0; at < text.words().size(); at++) {
          walk(edges(text), at, words, 0, prefix, positions);
        }
      }
      case SearchTerm.AnyOf(List<SearchTerm> alternatives) ->
          alternatives.forEach(alternative -> positions.or(positions(text, alternative)));
    }
    return positions;
  }

  /** Each word, and what words are together. */
  private static List<Joined> edges(AnalyzedText text) {
    List<Word> words = text.words();
    return Stream.concat(
            IntStream.range(0, words.size())
                .mapToObj(i -> new Joined(i, i, words.get(i).spellings())),
            text.joined().stream())
        .toList();
  }

  private static boolean isMeant(SearchTerm.Single single, String word) {
    return single.spellings().stream().anyMatch(wanted -> fits(word, wanted, single.prefix()))
        || (single.typos() > 0 && distance(single.spellings().getFirst(), word) <= single.typos());
  }

  private static boolean fits(String word, String wanted, boolean prefix) {
    return prefix ? word.startsWith(wanted) : word.equals(wanted);
  }

  /** Marks the words from a position on that are the rest of a phrase. */
  private static boolean walk(
      List<Joined> edges,
      int at,
      List<List<String>> words,
      int next,
      boolean prefix,
      BitSet positions) {
    if (next == words.size()) {
      return true;
    }
    boolean beginning = prefix && next == words.size() - 1;
    boolean any = false;
    for (Joined edge : edges) {
      if (edge.first() == at
          && words.get(next).stream()
              .anyMatch(wanted ->
                  edge.spellings().stream().anyMatch(word -> fits(word, wanted, beginning)))
          && walk(edges, edge.last() + 1, words, next + 1, prefix, positions)) {
        positions.set(at, edge.last() + 1);
        any = true;
      }
    }
    return any;
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
