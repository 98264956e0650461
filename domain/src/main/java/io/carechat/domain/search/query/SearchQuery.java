package io.carechat.domain.search.query;

import io.carechat.domain.chat.MessageText;
import io.carechat.domain.chat.VisibleText;
import io.carechat.domain.search.query.AnalyzedText.Joined;
import io.carechat.domain.search.query.AnalyzedText.Word;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A search query as a user types it. Every text of 1 to {@value #MAX_CODE_POINTS} code points that
 * does not look empty is a query, unless it contains U+0000 or an unpaired surrogate. The rules
 * are:
 *
 * <ul>
 *   <li>Every word of the query must occur in the message. The last word may be the beginning of a
 *       word. So may each word in Hangul, because particles follow it.
 *   <li>{@code "…"} is a phrase. Typographic quotes work too, and a missing closing quote is added.
 *       A quote opens a phrase only at the beginning of a word.
 *   <li>{@code -word} and {@code -"…"} exclude messages. A minus before a digit excludes nothing.
 *   <li>{@code word*} matches words that begin with {@code word}.
 *   <li>One typing error is tolerated in words of 5 to 8 letters, and two in words of 9 to {@value
 *       TypingErrors#MAX_LENGTH} letters. None is tolerated in phrases, exclusions, words with a
 *       star and words with digits. Errors are tolerated in the first {@value #MAX_TOLERANT_WORDS}
 *       different words of this kind, and not in later ones.
 *   <li>Words are compared as {@link Words} describes. One of the spellings of a word must be one
 *       of those of a word of the message.
 *   <li>Text that {@link Words} splits into several words, such as {@code 5mg}, {@code don't} or a
 *       date, is a phrase. If these words may be written as one, the one word matches too: {@code
 *       follow-up} matches {@code followup}, and {@code 030 1234567} matches {@code 0301234567}.
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
    if (VisibleText.isBlank(text)) {
      return Optional.of("must contain something that can be seen");
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

  /** Returns whether typing errors are tolerated in a word of the query. */
  public boolean toleratesErrors() {
    return required.stream().anyMatch(SearchQuery::toleratesErrors);
  }

  private static boolean toleratesErrors(SearchTerm term) {
    return alternatives(term).stream()
        .anyMatch(
            alternative -> alternative instanceof SearchTerm.Single single && single.typos() > 0);
  }

  private static List<SearchTerm> alternatives(SearchTerm term) {
    return term instanceof SearchTerm.AnyOf(List<SearchTerm> alternatives)
        ? alternatives
        : List.of(term);
  }

  /** Returns whether a message is a hit. */
  public boolean matches(MessageText message) {
    if (isEmpty()) {
      return false;
    }
    return new TextWords(TextAnalyzer.analyze(message.value())).satisfy(required, excluded);
  }

  /**
   * Returns up to {@value Highlighter#MAX_FRAGMENTS} fragments of a hit around the words that
   * match, in the order of the text. They are escaped HTML in which the words that match are marked
   * with {@code <em>}. The list is empty if the query only excludes.
   */
  public List<String> highlights(MessageText message) {
    AnalyzedText analyzed = TextAnalyzer.analyze(message.value());
    FoundWords found = new TextWords(analyzed).find(required);
    return Highlighter.fragments(message.value(), analyzed.words(), found);
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

  /**
   * A part of a query between spaces, or a phrase in quotes.
   *
   * @param start where its text begins in the query, without quotes and minus
   * @param end the index after its text
   */
  private record Token(int start, int end, boolean excluded, boolean quoted) {}

  private static final class Parser {
    private static final String OPENING_QUOTES = "\"“”„«»「『";
    private static final String CLOSING_QUOTES = "\"“”»«」』";

    private final String text;

    /** Where the white space at the end of the text begins. */
    private final int end;

    private final List<Token> tokens = new ArrayList<>();
    private final Set<SearchTerm> required = new LinkedHashSet<>();
    private final Set<SearchTerm> excluded = new LinkedHashSet<>();

    /** The words in which typing errors are tolerated. */
    private final Set<String> tolerant = new HashSet<>();

    private int at;

    Parser(String text) {
      this.text = text;
      int last = text.length();
      while (last > 0 && VisibleText.isSpace(text.charAt(last - 1))) {
        last--;
      }
      this.end = last;
    }

    SearchQuery parse() {
      skipSpace();
      while (at < text.length()) {
        boolean exclude = text.charAt(at) == '-' && !isDigit(at + 1);
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
      for (int i = 0; i < tokens.size(); ) {
        i = isNumber(tokens.get(i)) ? addNumbers(i) : addToken(i);
      }
      return new SearchQuery(text, List.copyOf(required), List.copyOf(excluded));
    }

    private boolean isDigit(int index) {
      return index < text.length() && Character.isDigit(text.codePointAt(index));
    }

    /** No-break spaces are spaces too, because pasted text contains them. */
    private void skipSpace() {
      while (at < text.length() && VisibleText.isSpace(text.charAt(at))) {
        at++;
      }
    }

    private void quoted(boolean exclude) {
      int start = ++at;
      while (at < text.length()
          && (CLOSING_QUOTES.indexOf(text.charAt(at)) < 0 || isInHebrewWord(at))) {
        at++;
      }
      tokens.add(new Token(start, at, exclude, true));
      at++;
    }

    /** A quote between Hebrew letters belongs to an abbreviation. */
    private boolean isInHebrewWord(int quote) {
      return isHebrew(quote - 1) && isHebrew(quote + 1);
    }

    private boolean isHebrew(int index) {
      return index < text.length()
          && CharacterFolding.kind(CharacterFolding.of(text.charAt(index)))
              == CharacterFolding.HEBREW;
    }

    private void bare(boolean exclude) {
      int start = at;
      while (at < text.length() && !VisibleText.isSpace(text.charAt(at))) {
        at++;
      }
      tokens.add(new Token(start, at, exclude, false));
    }

    /** Adds the condition of one token, and returns the index of the next. */
    private int addToken(int index) {
      Token token = tokens.get(index);
      SearchTerm term = term(token, List.of());
      if (term != null) {
        (token.excluded() ? excluded : required).add(term);
      }
      return index + 1;
    }

    /**
     * Adds the conditions of tokens of digits that follow each other, and returns the index of the
     * next token. If they are one number together, this number stands for each of them.
     */
    private int addNumbers(int first) {
      int next = first + 1;
      while (next < tokens.size() && isNumber(tokens.get(next))) {
        next++;
      }
      List<SearchTerm> whole = List.of();
      if (next - first > 1) {
        int last = tokens.get(next - 1).end();
        AnalyzedText number = TextAnalyzer.analyze(text.substring(tokens.get(first).start(), last));
        whole =
            number.joined().stream()
                .filter(one -> one.first() == 0 && one.last() == number.words().size() - 1)
                .limit(1)
                .map(one -> (SearchTerm) new SearchTerm.Single(one.spellings(), last == end, 0))
                .toList();
      }
      for (int i = first; i < next; i++) {
        SearchTerm term = term(tokens.get(i), whole);
        if (term != null) {
          required.add(term);
        }
      }
      return next;
    }

    /** Returns whether a token may be a part of a number that is written with spaces. */
    private boolean isNumber(Token token) {
      if (token.excluded() || token.quoted() || token.start() == token.end()) {
        return false;
      }
      for (int i = token.start(); i < token.end(); ) {
        int c = text.codePointAt(i);
        int kind = CharacterFolding.kind(CharacterFolding.of(c));
        if (c == '*' || (kind != CharacterFolding.DIGIT && kind != CharacterFolding.SEPARATOR)) {
          return false;
        }
        i += Character.charCount(c);
      }
      return true;
    }

    /**
     * Returns the condition of a token, or null if it has no word.
     *
     * @param more further alternatives
     */
    private @Nullable SearchTerm term(Token token, List<SearchTerm> more) {
      AnalyzedText analyzed = TextAnalyzer.analyze(text.substring(token.start(), token.end()));
      List<Word> words = analyzed.words();
      if (words.isEmpty()) {
        return null;
      }
      boolean bare = !token.quoted() && !token.excluded();
      boolean star = !token.quoted() && text.charAt(token.end() - 1) == '*';
      boolean hangul = words.getLast().kind() == CharacterFolding.HANGUL;
      boolean prefix = star || (bare && (token.end() == end || hangul));
      var alternatives = new ArrayList<SearchTerm>();
      List<List<String>> parts = words.stream().map(Word::spellings).toList();
      alternatives.add(
          condition(
              parts,
              prefix,
              bare && !star && words.size() == 1 ? tolerated(words.getFirst().folded()) : 0));
      if (!analyzed.joined().isEmpty()) {
        alternatives.add(condition(together(analyzed), prefix, 0));
      }
      alternatives.addAll(more);
      return alternatives.size() == 1
          ? alternatives.getFirst()
          : new SearchTerm.AnyOf(alternatives);
    }

    private static SearchTerm condition(List<List<String>> typed, boolean prefix, int typos) {
      List<List<String>> words = prefix ? withBeginning(typed) : typed;
      return words.size() == 1
          ? new SearchTerm.Single(words.getFirst(), prefix, typos)
          : new SearchTerm.Phrase(words, prefix);
    }

    /** Adds the other spellings that the last word may have as the beginning of a longer word. */
    private static List<List<String>> withBeginning(List<List<String>> words) {
      var all = new ArrayList<List<String>>(words);
      all.set(all.size() - 1, OtherSpellings.ofBeginning(words.getLast()));
      return all;
    }

    /** Returns the words with as many of them joined as possible. */
    private static List<List<String>> together(AnalyzedText analyzed) {
      var together = new ArrayList<List<String>>();
      List<Joined> joined = analyzed.joined();
      int next = 0;
      for (int i = 0; i < analyzed.words().size(); ) {
        List<String> spellings = analyzed.words().get(i).spellings();
        int last = i;
        while (next < joined.size() && joined.get(next).first() <= i) {
          Joined one = joined.get(next);
          if (one.first() == i && one.last() > last) {
            last = one.last();
            spellings = one.spellings();
          }
          next++;
        }
        together.add(spellings);
        i = last + 1;
      }
      return together;
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
