package io.carechat.domain.search.query;

import io.carechat.domain.search.query.AnalyzedText.Joined;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The words of one text, arranged so that many conditions are checked in little time. A text of a
 * stranger is judged with a query of a stranger. So the work for a condition is never the number of
 * words times the length of the condition. For use by one thread.
 */
final class TextWords {
  private final AnalyzedText text;

  /** Each spelling once, in the order of UTF-16 code units. Its index is its number. */
  private final String[] distinct;

  private int @Nullable [][] codePoints;
  private long @Nullable [] letters;

  TextWords(AnalyzedText text) {
    this.text = text;
    distinct = text.spellings().toArray(String[]::new);
    Arrays.sort(distinct);
  }

  /** Returns whether all of some conditions are satisfied, and none of some others. */
  boolean satisfy(List<SearchTerm> required, List<SearchTerm> excluded) {
    // Single words are decided first. All phrases are decided together.
    var phrases = new Phrases();
    for (SearchTerm term : required) {
      if (term instanceof SearchTerm.Single single && !contain(single)) {
        return false;
      }
      phrases.add(term);
    }
    for (SearchTerm term : excluded) {
      if (term instanceof SearchTerm.Single single && contain(single)) {
        return false;
      }
      phrases.add(term);
    }
    return required.stream().allMatch(term -> isSingle(term) || phrases.occurs(term))
        && excluded.stream().noneMatch(term -> !isSingle(term) && phrases.occurs(term));
  }

  /** Returns the words of the text that satisfy one of some conditions. */
  FoundWords find(List<SearchTerm> terms) {
    var satisfying = new BitSet();
    var phrases = new ArrayList<SearchTerm.Phrase>();
    for (SearchTerm term : terms) {
      find(term, satisfying, phrases);
    }
    var found = new FoundWords();
    if (!phrases.isEmpty()) {
      new PhraseFinder(text, distinct, phrases).mark(found);
    }
    if (!satisfying.isEmpty()) {
      for (int i = 0; i < text.words().size(); i++) {
        if (isAny(text.words().get(i).spellings(), satisfying)) {
          found.add(i, i);
        }
      }
      for (Joined joined : text.joined()) {
        if (isAny(joined.spellings(), satisfying)) {
          found.add(joined.first(), joined.last());
        }
      }
    }
    return found;
  }

  private void find(SearchTerm term, BitSet satisfying, List<SearchTerm.Phrase> phrases) {
    switch (term) {
      case SearchTerm.Single(List<String> spellings, boolean prefix, int typos) -> {
        for (String spelling : spellings) {
          for (int at = lowerBound(distinct, spelling);
              begins(distinct, at, spelling, prefix);
              at++) {
            satisfying.set(at);
          }
        }
        if (typos > 0) {
          satisfying.or(mistyped(spellings.getFirst(), typos, false));
        }
      }
      case SearchTerm.Phrase phrase -> phrases.add(phrase);
      case SearchTerm.AnyOf(List<SearchTerm> alternatives) ->
          alternatives.forEach(alternative -> find(alternative, satisfying, phrases));
    }
  }

  private boolean isAny(List<String> spellings, BitSet numbers) {
    for (String spelling : spellings) {
      if (numbers.get(lowerBound(distinct, spelling))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSingle(SearchTerm term) {
    return term instanceof SearchTerm.Single;
  }

  private boolean contain(SearchTerm.Single single) {
    for (String spelling : single.spellings()) {
      if (begins(distinct, lowerBound(distinct, spelling), spelling, single.prefix())) {
        return true;
      }
    }
    return single.typos() > 0
        && !mistyped(single.spellings().getFirst(), single.typos(), true).isEmpty();
  }

  /** Returns the number of the first of some sorted words that is not before a word. */
  static int lowerBound(String[] distinct, String word) {
    int at = Arrays.binarySearch(distinct, word);
    return at < 0 ? -at - 1 : at;
  }

  /** Returns whether there is a word with this number that is, or begins with, the wanted one. */
  static boolean begins(String[] distinct, int number, String wanted, boolean prefix) {
    return number < distinct.length
        && (prefix ? distinct[number].startsWith(wanted) : distinct[number].equals(wanted));
  }

  /** Returns the numbers of the words that may be meant by a word, all of them or only one. */
  private BitSet mistyped(String wanted, int typos, boolean onlyOne) {
    var found = new BitSet();
    int[] wantedPoints = wanted.codePoints().toArray();
    long wantedLetters = TypingErrors.letters(wantedPoints);
    int[][] words = codePoints();
    long[] all = letters();
    for (int i = 0; i < words.length; i++) {
      if (TypingErrors.mayBeAtMost(typos, wantedLetters, all[i])
          && TypingErrors.atMost(typos, wantedPoints, words[i])) {
        found.set(i);
        if (onlyOne) {
          break;
        }
      }
    }
    return found;
  }

  /** Returns the code points of each distinct word. */
  private int[][] codePoints() {
    int[][] all = codePoints;
    if (all == null) {
      all = new int[distinct.length][];
      for (int i = 0; i < all.length; i++) {
        all[i] = distinct[i].codePoints().toArray();
      }
      codePoints = all;
    }
    return all;
  }

  /** Returns the letters of each distinct word, as {@link TypingErrors#letters} packs them. */
  private long[] letters() {
    long[] all = letters;
    if (all == null) {
      int[][] words = codePoints();
      all = new long[words.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = TypingErrors.letters(words[i]);
      }
      letters = all;
    }
    return all;
  }

  /** Conditions with phrases, which one pass through the text decides. */
  private final class Phrases {
    private final List<SearchTerm.Phrase> phrases = new ArrayList<>();
    private final IdentityHashMap<SearchTerm.Phrase, Integer> indices = new IdentityHashMap<>();
    private boolean @Nullable [] occurring;

    void add(SearchTerm term) {
      switch (term) {
        case SearchTerm.Single single -> {}
        case SearchTerm.Phrase phrase -> {
          indices.put(phrase, phrases.size());
          phrases.add(phrase);
        }
        case SearchTerm.AnyOf(List<SearchTerm> alternatives) -> alternatives.forEach(this::add);
      }
    }

    boolean occurs(SearchTerm term) {
      return switch (term) {
        case SearchTerm.Single single -> contain(single);
        case SearchTerm.Phrase phrase -> occurring()[Objects.requireNonNull(indices.get(phrase))];
        case SearchTerm.AnyOf(List<SearchTerm> alternatives) ->
            alternatives.stream().anyMatch(this::occurs);
      };
    }

    private boolean[] occurring() {
      boolean[] all = occurring;
      if (all == null) {
        all = new PhraseFinder(text, distinct, phrases).occurring();
        occurring = all;
      }
      return all;
    }
  }
}
