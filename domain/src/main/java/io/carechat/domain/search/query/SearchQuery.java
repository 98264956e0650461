package io.carechat.domain.search.query;

import io.carechat.domain.chat.MessageText;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
 *   <li>One typing error is tolerated in words of 5 to 8 letters, and two in words of 9 to {@value
 *       TypingErrors#MAX_LENGTH} letters. None is tolerated in phrases, exclusions, words with a
 *       star and words with digits. Errors are tolerated in the first {@value #MAX_TOLERANT_WORDS}
 *       different words of this kind, and not in later ones.
 *   <li>Case and accents do not matter, as {@link Words} describes. Text that {@link Words} splits
 *       into several words, such as {@code don't} or a date, is a phrase.
 * </ul>
 *
 * <p>A query without any word has no hits.
 */
public final class SearchQuery {
  /** The maximum length of a query, in Unicode code points. */
  public static final int MAX_CODE_POINTS = 500;

  /**
   * The maximum number of different words in which typing errors are tolerated. For each of these
   * words a search engine needs memory and compares all words that it knows, and each of them is
   * compared with the words of every message. A sentence rarely has more words of 5 letters or
   * more.
   */
  public static final int MAX_TOLERANT_WORDS = 8;

  private final String text;
  private final List<SearchTerm> required;
  private final List<SearchTerm> excluded;

  private SearchQuery(String text, List<SearchTerm> required, List<SearchTerm> excluded) {
    this.text = text;
    this.required = required;
    this.excluded = excluded;
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

  /** Returns the conditions that a message must satisfy, each once. */
  public List<SearchTerm> required() {
    return required;
  }

  /** Returns the conditions that a message must not satisfy, each once. */
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
    var words = new TextWords(Words.foldedOf(message.value()));
    for (SearchTerm term : required) {
      if (!words.contain(term)) {
        return false;
      }
    }
    for (SearchTerm term : excluded) {
      if (words.contain(term)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns up to {@value Highlighter#MAX_FRAGMENTS} fragments of a hit around the words that
   * match, in the order of the text. They are escaped HTML in which the words that match are marked
   * with {@code <em>}. The list is empty if the query only excludes.
   */
  public List<String> highlights(MessageText message) {
    List<Words.Word> words = Words.of(message.value());
    BitSet found =
        new TextWords(words.stream().map(Words.Word::folded).toList()).positions(required);
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

    /** Where the white space at the end of the text begins. */
    private final int end;

    private final Set<SearchTerm> required = new LinkedHashSet<>();
    private final Set<SearchTerm> excluded = new LinkedHashSet<>();

    /** The words in which typing errors are tolerated. */
    private final Set<String> tolerant = new HashSet<>();

    private int at;

    Parser(String text) {
      this.text = text;
      int last = text.length();
      while (last > 0 && isSpace(text.charAt(last - 1))) {
        last--;
      }
      this.end = last;
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
      return new SearchQuery(text, List.copyOf(required), List.copyOf(excluded));
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
      boolean last = at == end;
      add(Words.foldedOf(typed), exclude, star || (last && !exclude), !star && !exclude);
    }

    private void add(List<String> words, boolean exclude, boolean prefix, boolean bare) {
      if (words.isEmpty()) {
        return;
      }
      SearchTerm term =
          words.size() > 1
              ? new SearchTerm.Phrase(words, prefix)
              : new SearchTerm.Single(
                  words.getFirst(), prefix, bare ? tolerated(words.getFirst()) : 0);
      (exclude ? excluded : required).add(term);
    }

    /** A word that occurs again is treated as before. */
    private int tolerated(String word) {
      int typos = TypingErrors.forgivenIn(word);
      if (typos == 0 || tolerant.contains(word)) {
        return typos;
      }
      return tolerant.size() < MAX_TOLERANT_WORDS && tolerant.add(word) ? typos : 0;
    }
  }
}
