package io.carechat.domain.search.query;

import io.carechat.domain.chat.MessageText;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * A search query as a user types it. Every text of 1 to {@value #MAX_CODE_POINTS} code points is a
 * query, unless it contains U+0000 or an unpaired surrogate. The rules are:
 *
 * <ul>
 *   <li>Every word of the query must occur in the message. The last word may be the beginning of a
 *       word.
 *   <li>{@code "…"} is a phrase. Typographic quotes work too, and a missing closing quote is added.
 *   <li>{@code -word} and {@code -"…"} exclude messages.
 *   <li>{@code word*} matches words that begin with {@code word}.
 *   <li>One typing error is tolerated in words of 5 to 8 letters, and two in longer words. None is
 *       tolerated in phrases, exclusions, words with a star and words with digits.
 *   <li>Case and accents do not matter, as {@link Words} describes. Text that {@link Words} splits
 *       into several words, such as {@code don't} or a date, is a phrase.
 * </ul>
 *
 * <p>A query without any word has no hits.
 */
public final class SearchQuery {
  /** The maximum length of a query, in Unicode code points. */
  public static final int MAX_CODE_POINTS = 500;

  private final String text;
  private final List<SearchTerm> required;
  private final List<SearchTerm> excluded;

  private SearchQuery(String text, List<SearchTerm> required, List<SearchTerm> excluded) {
    this.text = text;
    this.required = List.copyOf(required);
    this.excluded = List.copyOf(excluded);
  }

  /**
   * Returns why a text is not a query, as the end of a sentence that begins with the parameter's
   * name. An empty result means that the text is a query.
   */
  public static Optional<String> faultIn(String text) {
    if (text.isEmpty() || text.codePointCount(0, text.length()) > MAX_CODE_POINTS) {
      return Optional.of("must have 1 to " + MAX_CODE_POINTS + " characters");
    }
    return MessageText.isStorable(text)
        ? Optional.empty()
        : Optional.of("must not contain the character U+0000 or an unpaired surrogate");
  }

  /**
   * Parses a query.
   *
   * @throws IllegalArgumentException if {@link #faultIn} finds a fault
   */
  public static SearchQuery parse(String text) {
    requireValid(text);
    return new Parser(text).parse();
  }

  /**
   * Checks a text without parsing it.
   *
   * @throws IllegalArgumentException if {@link #faultIn} finds a fault
   */
  public static void requireValid(String text) {
    faultIn(text)
        .ifPresent(fault -> {
          throw new IllegalArgumentException("A query " + fault);
        });
  }

  /** Returns the conditions that a message must satisfy. */
  public List<SearchTerm> required() {
    return required;
  }

  /** Returns the conditions that a message must not satisfy. */
  public List<SearchTerm> excluded() {
    return excluded;
  }

  /** Returns whether the query has no conditions. Such a query has no hits. */
  public boolean isEmpty() {
    return required.isEmpty() && excluded.isEmpty();
  }

  /** Returns the query as it was typed. */
  public String text() {
    return text;
  }

  /** Returns whether a message is a hit. */
  public boolean matches(MessageText message) {
    if (isEmpty()) {
      return false;
    }
    List<String> words = Words.foldedOf(message.value());
    return required.stream().allMatch(term -> occursIn(words, term))
        && excluded.stream().noneMatch(term -> occursIn(words, term));
  }

  private static boolean occursIn(List<String> words, SearchTerm term) {
    for (int at = 0; at <= words.size() - term.words().size(); at++) {
      if (occursAt(words, at, term)) {
        return true;
      }
    }
    return false;
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
    if (word.equals(wanted) || (term.prefix() && word.startsWith(wanted))) {
      return true;
    }
    return term instanceof SearchTerm.Single(String w, boolean p, int typos)
        && typos > 0
        && TypingErrors.atMost(typos, wanted, word);
  }

  /**
   * Returns up to {@value Highlighter#MAX_FRAGMENTS} fragments of a hit around the words that
   * match, in the order of the text. They are escaped HTML in which the words that match are marked
   * with {@code <em>}. The list is empty if the query only excludes.
   */
  public List<String> highlights(MessageText message) {
    List<Words.Word> words = Words.of(message.value());
    List<String> folded = words.stream().map(Words.Word::folded).toList();
    var found = new BitSet();
    for (SearchTerm term : required) {
      for (int at = 0; at <= folded.size() - term.words().size(); at++) {
        if (occursAt(folded, at, term)) {
          found.set(at, at + term.words().size());
        }
      }
    }
    return Highlighter.fragments(message.value(), words, found);
  }

  /** Two queries are equal if their texts are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof SearchQuery query && query.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** Prints the number of conditions but not the text. */
  @Override
  public String toString() {
    return "SearchQuery[" + required.size() + " required, " + excluded.size() + " excluded]";
  }

  private static final class Parser {
    private static final String OPENING_QUOTES = "\"“„«";
    private static final String CLOSING_QUOTES = "\"“”»";

    private final String text;
    private final List<SearchTerm> required = new ArrayList<>();
    private final List<SearchTerm> excluded = new ArrayList<>();
    private int at;

    Parser(String text) {
      this.text = text;
    }

    SearchQuery parse() {
      skipSpace();
      while (at < text.length()) {
        boolean exclude = text.charAt(at) == '-';
        if (exclude) {
          at++;
        }
        if (at < text.length() && OPENING_QUOTES.indexOf(text.charAt(at)) >= 0) {
          quoted(exclude);
        } else {
          bare(exclude);
        }
        skipSpace();
      }
      return new SearchQuery(text, required, excluded);
    }

    private void skipSpace() {
      while (at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
    }

    /**
     * Returns whether a character is white space. No-break spaces count too, because pasted text
     * contains them.
     */
    private static boolean isSpace(char c) {
      return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private void quoted(boolean exclude) {
      int start = ++at;
      while (at < text.length() && CLOSING_QUOTES.indexOf(text.charAt(at)) < 0) {
        at++;
      }
      add(Words.foldedOf(text.substring(start, at)), exclude, false, false);
      at++;
    }

    private void bare(boolean exclude) {
      int start = at;
      while (at < text.length()
          && !isSpace(text.charAt(at))
          && OPENING_QUOTES.indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String typed = text.substring(start, at);
      boolean star = typed.endsWith("*");
      boolean last = text.chars().skip(at).allMatch(c -> isSpace((char) c));
      add(Words.foldedOf(typed), exclude, star || (last && !exclude), !star && !exclude);
    }

    private void add(List<String> words, boolean exclude, boolean prefix, boolean tolerant) {
      if (words.isEmpty()) {
        return;
      }
      SearchTerm term =
          words.size() > 1
              ? new SearchTerm.Phrase(words, prefix)
              : new SearchTerm.Single(
                  words.getFirst(),
                  prefix,
                  tolerant ? TypingErrors.forgivenIn(words.getFirst()) : 0);
      (exclude ? excluded : required).add(term);
    }
  }
}
