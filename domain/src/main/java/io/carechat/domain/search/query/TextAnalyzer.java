package io.carechat.domain.search.query;

import static io.carechat.domain.search.query.CharacterFolding.ALONE;
import static io.carechat.domain.search.query.CharacterFolding.ARABIC;
import static io.carechat.domain.search.query.CharacterFolding.DROPPED;
import static io.carechat.domain.search.query.CharacterFolding.EMOJI;
import static io.carechat.domain.search.query.CharacterFolding.HANGUL;
import static io.carechat.domain.search.query.CharacterFolding.HEBREW;
import static io.carechat.domain.search.query.CharacterFolding.LETTER;
import static io.carechat.domain.search.query.CharacterFolding.MARK;
import static io.carechat.domain.search.query.CharacterFolding.NUMBER;
import static io.carechat.domain.search.query.CharacterFolding.SEPARATOR;
import static io.carechat.domain.search.query.CharacterFolding.SEVERAL;

import io.carechat.domain.search.query.AnalyzedText.Word;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits one text into words, in one pass. A character with the marks and the invisible characters
 * behind it is a cluster. Each cluster is folded before it is decided which word it belongs to, so
 * a text gives the same words however its characters are composed. For use by one thread.
 */
final class TextAnalyzer {
  private static final int ZERO_WIDTH_NON_JOINER = 0x200C;

  private final String text;
  private final List<Word> words = new ArrayList<>();
  private final WordLinks links = new WordLinks();

  /** The folded code points of the open word. */
  private final StringBuilder main = new StringBuilder();

  /** Its other spelling, once it is different. */
  private @Nullable StringBuilder other;

  /** The kind of the open word, or 0 if no word is open. */
  private int kind;

  private int start;
  private int end;
  private int length;

  /** Where the last cluster ends, or -1 if it was not part of a word. */
  private int clusterEnd = -1;

  /** Where the last cluster begins in {@link #main}, and its marks. */
  private int clusterStart;

  private int marks;
  private int reorderedMarks;
  private boolean hasExtra;

  /** A character that separates parts of a Persian word was read after the open word. */
  private boolean nonJoiner;

  /** The first part of a Thai or Lao vowel was read. */
  private boolean nikhahit;

  private TextAnalyzer(String text) {
    this.text = text;
  }

  /** Returns the words of a text. */
  static AnalyzedText analyze(String text) {
    var analyzer = new TextAnalyzer(text);
    analyzer.read();
    return new AnalyzedText(analyzer.words, analyzer.links.joined(analyzer.words));
  }

  private void read() {
    for (int at = 0; at < text.length(); ) {
      int c = text.codePointAt(at);
      int after = at + Character.charCount(c);
      int folded = CharacterFolding.of(c);
      if (CharacterFolding.kind(folded) == SEVERAL) {
        boolean first = true;
        for (int part : CharacterFolding.expansion(c)) {
          add(part, codePointOf(part), at, after, first);
          first = false;
        }
      } else {
        add(folded, c, at, after, true);
      }
      at = after;
    }
    close();
  }

  private static int codePointOf(int folded) {
    return CharacterFolding.codePoint(folded);
  }

  /**
   * @param typed the code point as it was typed, or a part of it
   * @param first whether this is the first part of what was typed
   */
  private void add(int folded, int typed, int from, int to, boolean first) {
    switch (CharacterFolding.kind(folded)) {
      case SEPARATOR -> {
        close();
        links.separate(codePointOf(folded));
        clusterEnd = -1;
      }
      case DROPPED -> drop(typed, from, to);
      case MARK -> mark(folded, from, to);
      default -> base(folded, from, to, first);
    }
  }

  private void drop(int typed, int from, int to) {
    if (clusterEnd != from) {
      return;
    }
    extend(to);
    if (typed == ZERO_WIDTH_NON_JOINER) {
      nonJoiner = kind == ARABIC;
    } else if (kind == LETTER && !hasExtra && marks == 0 && main.length() == clusterStart + 1) {
      spellAlso(CharacterFolding.extra(typed, main.charAt(clusterStart)));
    }
  }

  private void mark(int folded, int from, int to) {
    boolean continues = clusterEnd == from || clusterEnd == to;
    if (!continues || kind == 0) {
      return;
    }
    extend(to);
    int c = codePointOf(folded);
    if ((c == 0x0E4D || c == 0x0ECD) && isFollowedByAa(to, c)) {
      nikhahit = true;
    } else if ((kind <= HEBREW || kind == ALONE) && marks < Words.MAX_MARKS) {
      marks++;
      reorderedMarks += CharacterFolding.isReordered(folded) ? 1 : 0;
      append(c);
    }
  }

  /** Returns whether the cluster goes on to the second part of the vowel am of Thai or Lao. */
  private boolean isFollowedByAa(int from, int nikhahitSign) {
    int aa = nikhahitSign == 0x0E4D ? 0x0E32 : 0x0EB2;
    for (int at = from; at < text.length() && at < from + 4; at++) {
      char c = text.charAt(at);
      if (c == aa) {
        return true;
      }
      if (CharacterFolding.kind(CharacterFolding.of(c)) != MARK) {
        return false;
      }
    }
    return false;
  }

  private void extend(int to) {
    clusterEnd = to;
    end = to;
  }

  private void base(int folded, int from, int to, boolean first) {
    int wanted = CharacterFolding.kind(folded);
    int c = nikhahit ? codePointOf(folded) + 1 : codePointOf(folded);
    if (kind == ALONE && isDoubledSaraE(c, from)) {
      main.setCharAt(0, (char) (c + 1));
      extend(to);
      return;
    }
    if (wanted != kind
        || wanted == ALONE
        || wanted == EMOJI
        || (wanted == NUMBER && first)
        || nonJoiner) {
      boolean parts = nonJoiner && wanted == ARABIC;
      close();
      open(wanted, from, parts);
    } else {
      settle();
    }
    extend(to);
    if (wanted == HANGUL && c < 0x1200 && clusterStart < main.length() && compose(c)) {
      return;
    }
    clusterStart = main.length();
    if (length >= Words.MAX_LENGTH) {
      return;
    }
    if (c >= 0x0582 && c <= 0x0AAE) {
      c = afterNeighbour(c);
    }
    append(c);
    char extra = CharacterFolding.extra(folded);
    if (extra != 0) {
      spellAlso(extra);
    }
  }

  /** Two letters e of Thai or Lao look like ae, and are typed for it. */
  private boolean isDoubledSaraE(int c, int from) {
    return (c == 0x0E40 || c == 0x0EC0)
        && clusterEnd == from
        && main.length() == 1
        && main.charAt(0) == c;
  }

  private void open(int wanted, int from, boolean parts) {
    links.startWord(wanted, kindOfLast(), words.size(), parts);
    kind = wanted;
    start = from;
  }

  private int kindOfLast() {
    return words.isEmpty() ? 0 : words.getLast().kind();
  }

  private void append(int c) {
    if (length >= Words.MAX_LENGTH) {
      return;
    }
    length++;
    main.appendCodePoint(c);
    if (other != null) {
      other.appendCodePoint(c);
    }
  }

  private void spellAlso(char extra) {
    if (extra == 0) {
      return;
    }
    hasExtra = true;
    if (other == null) {
      other = new StringBuilder(main);
    }
    other.append(extra);
  }

  /** Puts the letters of a Korean syllable together. Returns false if this one begins another. */
  private boolean compose(int c) {
    int at = main.length() - 1;
    char last = main.charAt(at);
    if (c >= 0x1161 && c <= 0x1175 && last >= 0x1100 && last <= 0x1112) {
      main.setCharAt(at, (char) (0xAC00 + ((last - 0x1100) * 21 + (c - 0x1161)) * 28));
      return true;
    }
    if (c >= 0x11A8
        && c <= 0x11C2
        && last >= 0xAC00
        && last <= 0xD7A3
        && (last - 0xAC00) % 28 == 0) {
      main.setCharAt(at, (char) (last + (c - 0x11A7)));
      return true;
    }
    return false;
  }

  /** Returns what a letter is after the letters before it. */
  private int afterNeighbour(int c) {
    int at = main.length();
    if (c == 0x0582) { // The Armenian ligature ew is spelled in two ways.
      return at > 0 && main.charAt(at - 1) == 0x0565 ? 0x057E : c;
    }
    // A nasal without a vowel may be written as a dot in Devanagari and Gujarati.
    int script = c >= 0x0A95 ? 0x0180 : 0;
    int nasal = nasalBefore(c - script);
    if (nasal != 0
        && at > 1
        && main.charAt(at - 1) == 0x094D + script
        && main.charAt(at - 2) == nasal + script) {
      main.setLength(at - 2);
      main.append((char) (0x0902 + script));
      length--;
      clusterStart = main.length();
    }
    return c;
  }

  /** Returns the nasal of the row of a consonant of Devanagari, or 0. */
  private static int nasalBefore(int c) {
    if (c < 0x0915 || c > 0x092E) {
      return 0;
    }
    return switch ((c - 0x0915) / 5) {
      case 0 -> 0x0919;
      case 1 -> 0x091E;
      case 2 -> 0x0923;
      default -> c == 0x0929 ? 0 : c <= 0x0928 ? 0x0928 : 0x092E;
    };
  }

  /** Puts the marks of the last cluster into the order of Unicode. */
  private void settle() {
    if (reorderedMarks > 1) {
      String cluster = main.substring(clusterStart);
      main.setLength(clusterStart);
      main.append(Normalizer.normalize(cluster, Normalizer.Form.NFD));
    }
    marks = 0;
    reorderedMarks = 0;
    hasExtra = false;
  }

  private void close() {
    if (kind != 0) {
      settle();
      words.add(new Word(spellings(), kind, start, end));
      main.setLength(0);
      other = null;
      length = 0;
      clusterStart = 0;
      kind = 0;
      nonJoiner = false;
      nikhahit = false;
    }
  }

  private List<String> spellings() {
    String first = main.toString();
    if (other != null) {
      return List.of(first, Words.beginning(other.toString()));
    }
    if (kind == ARABIC) {
      String bare = OtherSpellings.withoutArticle(first, text, start);
      return bare.isEmpty() ? List.of(first) : List.of(first, bare);
    }
    return first.charAt(0) == 'μ' ? OtherSpellings.ofMicro(first) : List.of(first);
  }
}
