package io.carechat.domain.search.query;

import io.carechat.domain.search.query.AnalyzedText.Joined;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds phrases in a text, all of them at once: in one pass, or in two if their words are marked,
 * however often they nearly occur.
 *
 * <p>A text is a graph. Its nodes are the places between two words. Each word leads from one node
 * to the next, and a joined word leads over all of its parts. A phrase occurs where a path through
 * the graph has its words in order.
 *
 * <p>This is the algorithm Shift-And: each word of each phrase has a bit. At a node, a bit is set
 * if a path that ends there has the words of the phrase up to this one. So a step needs a shift and
 * an AND for 64 words of phrases. For use by one thread.
 */
final class PhraseFinder {
  private static final int NODES = Joined.MAX_PARTS + 1;

  private final AnalyzedText text;
  private final String[] distinct;

  /** How many {@code long} the bits need. */
  private final int width;

  /** The bits of the first words of phrases, and of the last ones. */
  private final long[] firsts;

  private final long[] lasts;

  /** The last bit of each phrase, or -1 if the phrase has a word that does not occur. */
  private final int[] lastBits;

  /** For each spelling in the text that is a word of a phrase, the bits of these words. */
  private final Map<String, long[]> masks = new HashMap<>();

  /**
   * @param text the text
   * @param distinct all spellings of the text, each once, in the order of UTF-16 code units
   * @param phrases the phrases
   */
  PhraseFinder(AnalyzedText text, String[] distinct, List<SearchTerm.Phrase> phrases) {
    this.text = text;
    this.distinct = distinct;
    this.lastBits = new int[phrases.size()];
    int bits = 0;
    for (int i = 0; i < lastBits.length; i++) {
      boolean possible = isPossible(phrases.get(i));
      bits += possible ? phrases.get(i).words().size() : 0;
      lastBits[i] = possible ? bits - 1 : -1;
    }
    this.width = (bits + Long.SIZE - 1) / Long.SIZE;
    this.firsts = new long[width];
    this.lasts = new long[width];
    for (int i = 0; i < lastBits.length; i++) {
      if (lastBits[i] >= 0) {
        set(lasts, lastBits[i]);
        set(firsts, lastBits[i] + 1 - phrases.get(i).words().size());
        addMasks(phrases.get(i), lastBits[i]);
      }
    }
  }

  private boolean isPossible(SearchTerm.Phrase phrase) {
    int last = phrase.words().size() - 1;
    for (int i = 0; i <= last; i++) {
      boolean prefix = phrase.prefix() && i == last;
      boolean occurs = false;
      for (String spelling : phrase.words().get(i)) {
        occurs |= TextWords.begins(distinct, lowerBound(spelling), spelling, prefix);
      }
      if (!occurs) {
        return false;
      }
    }
    return true;
  }

  private void addMasks(SearchTerm.Phrase phrase, int lastBit) {
    int last = phrase.words().size() - 1;
    for (int i = 0; i <= last; i++) {
      boolean prefix = phrase.prefix() && i == last;
      for (String spelling : phrase.words().get(i)) {
        for (int word = lowerBound(spelling);
            TextWords.begins(distinct, word, spelling, prefix);
            word++) {
          set(masks.computeIfAbsent(distinct[word], absent -> new long[width]), lastBit - last + i);
        }
      }
    }
  }

  private int lowerBound(String word) {
    return TextWords.lowerBound(distinct, word);
  }

  private static void set(long[] bits, int bit) {
    bits[bit / Long.SIZE] |= 1L << bit;
  }

  /** Returns for each phrase whether it occurs. */
  boolean[] occurring() {
    var occurring = new boolean[lastBits.length];
    if (width > 0) {
      long[] ends = forward(new long[NODES][], true);
      for (int i = 0; i < lastBits.length; i++) {
        occurring[i] =
            lastBits[i] >= 0 && ((ends[lastBits[i] / Long.SIZE] >>> lastBits[i]) & 1) != 0;
      }
    }
    return occurring;
  }

  /** Marks all words of all occurrences of phrases. */
  void mark(FoundWords found) {
    if (width == 0) {
      return;
    }
    int count = text.words().size();
    var paths = new long[count + 1][];
    forward(paths, false);
    new Backward(paths, found).run();
  }

  /**
   * Follows all paths.
   *
   * @param paths gets the bits of each node, unless none is set
   * @param shared whether nodes share their places, because only the last ones matter
   * @return the bits that are set at any node
   */
  private long[] forward(long[] @Nullable [] paths, boolean shared) {
    var ends = new long[width];
    int nextJoined = 0;
    for (int at = 0; at < text.words().size(); at++) {
      long[] here = paths[at % paths.length];
      step(here, at + 1, text.words().get(at).spellings(), paths, ends);
      while (nextJoined < text.joined().size() && text.joined().get(nextJoined).first() == at) {
        Joined joined = text.joined().get(nextJoined);
        step(here, joined.last() + 1, joined.spellings(), paths, ends);
        nextJoined++;
      }
      if (shared && here != null) {
        Arrays.fill(here, 0);
      }
    }
    return ends;
  }

  private void step(
      long @Nullable [] here,
      int to,
      List<String> spellings,
      long[] @Nullable [] paths,
      long[] ends) {
    for (String spelling : spellings) {
      long[] mask = masks.get(spelling);
      if (mask != null) {
        step(here, to, mask, paths, ends);
      }
    }
  }

  private void step(
      long @Nullable [] here, int to, long[] mask, long[] @Nullable [] paths, long[] ends) {
    long carry = 0;
    for (int i = 0; i < width; i++) {
      long bits = here == null ? 0 : here[i];
      long reached = ((bits << 1) | carry | firsts[i]) & mask[i];
      carry = bits >>> (Long.SIZE - 1);
      if (reached != 0) {
        long[] there = paths[to % paths.length];
        if (there == null) {
          there = new long[width];
          paths[to % paths.length] = there;
        }
        there[i] |= reached;
        ends[i] |= reached;
      }
    }
  }

  /** Follows the paths back from the ends of phrases. What both ways pass is part of a phrase. */
  private final class Backward {
    private final long[] @Nullable [] paths;
    private final FoundWords found;

    /** For each node, the words that begin there and from which the end of a phrase is reached. */
    private final long[] @Nullable [] rests;

    private final List<Joined> joined;

    Backward(long[] @Nullable [] paths, FoundWords found) {
      this.paths = paths;
      this.found = found;
      this.rests = new long[paths.length][];
      this.joined = new ArrayList<>(text.joined());
    }

    void run() {
      int nextJoined = joined.size() - 1;
      for (int at = text.words().size() - 1; at >= 0; at--) {
        while (nextJoined >= 0 && joined.get(nextJoined).first() == at) {
          Joined one = joined.get(nextJoined);
          if (isPart(at, one.last() + 1, one.spellings())) {
            found.add(one.first(), one.last());
          }
          nextJoined--;
        }
        if (isPart(at, at + 1, text.words().get(at).spellings())) {
          found.add(at, at);
        }
      }
    }

    private boolean isPart(int from, int to, List<String> spellings) {
      boolean part = false;
      for (String spelling : spellings) {
        long[] mask = masks.get(spelling);
        part |= mask != null && isPart(from, to, mask);
      }
      return part;
    }

    private boolean isPart(int from, int to, long[] mask) {
      long[] before = paths[from];
      long[] after = rests[to];
      long part = 0;
      for (int i = 0; i < width; i++) {
        long carry = after == null || i + 1 == width ? 0 : after[i + 1] << (Long.SIZE - 1);
        long continues = lasts[i] | (after == null ? 0 : after[i] >>> 1) | carry;
        long rest = mask[i] & continues;
        long carried = before == null || i == 0 ? 0 : before[i - 1] >>> (Long.SIZE - 1);
        part |= rest & (firsts[i] | (before == null ? 0 : before[i] << 1) | carried);
        if (rest != 0) {
          long[] here = rests[from];
          if (here == null) {
            here = new long[width];
            rests[from] = here;
          }
          here[i] |= rest;
        }
      }
      return part != 0;
    }
  }
}
