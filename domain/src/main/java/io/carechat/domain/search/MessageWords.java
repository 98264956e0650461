package io.carechat.domain.search;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.domain.search.query.SearchTerm;
import io.carechat.domain.search.query.Vocabulary;
import io.carechat.domain.search.query.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which messages of a chat have which words. It is what a search engine knows of the chat, but in
 * memory and for one chat alone. So words with typing errors are found among the few words of the
 * chat, and not among all words of everybody. Immutable.
 */
public final class MessageWords {
  /** The words of no message. */
  public static final MessageWords NONE =
      new MessageWords(List.of(), new TreeMap<>(), Vocabulary.EMPTY, 0);

  // About what the objects of a 64-bit virtual machine take.
  private static final int BYTES_OF_MESSAGE = 120;
  private static final int BYTES_OF_WORD = 180;
  private static final int BYTES_OF_OCCURRENCE = 4;

  private final List<MessageKey> messages;

  /** For each word, the indexes of the messages that have it, in ascending order. */
  private final NavigableMap<String, int[]> occurrences;

  /** The words among these that may be meant by a word with typing errors. */
  private final Vocabulary vocabulary;

  private final int occurrenceCount;

  private MessageWords(
      List<MessageKey> messages,
      NavigableMap<String, int[]> occurrences,
      Vocabulary vocabulary,
      int occurrenceCount) {
    this.messages = messages;
    this.occurrences = occurrences;
    this.vocabulary = vocabulary;
    this.occurrenceCount = occurrenceCount;
  }

  /** Collects messages of a chat. For one thread. */
  static final class Builder {
    private final MessageWords earlier;
    private final List<MessageKey> messages;
    private final Set<MessageKey> known;
    private final Map<String, List<Integer>> added = new HashMap<>();

    /**
     * @param earlier what is known of the chat already
     */
    Builder(MessageWords earlier) {
      this.earlier = earlier;
      this.messages = new ArrayList<>(earlier.messages);
      this.known = new HashSet<>(earlier.messages);
    }

    /** Adds a message, unless it is there already. */
    void add(Message message) {
      MessageKey key = MessageKey.of(message);
      if (known.add(key)) {
        for (String word : Words.indexed(message.text().value())) {
          added.computeIfAbsent(word, _ -> new ArrayList<>(1)).add(messages.size());
        }
        messages.add(key);
      }
    }

    /** Returns how many different words there are, or more. */
    int words() {
      return earlier.occurrences.size() + added.size();
    }

    MessageWords build() {
      var occurrences = new TreeMap<String, int[]>(earlier.occurrences);
      int count = earlier.occurrenceCount;
      for (Map.Entry<String, List<Integer>> word : added.entrySet()) {
        int[] more = word.getValue().stream().mapToInt(Integer::intValue).toArray();
        count += more.length;
        occurrences.merge(word.getKey(), more, MessageWords::join);
      }
      return new MessageWords(
          List.copyOf(messages), occurrences, earlier.vocabulary.with(added.keySet()), count);
    }
  }

  private static int[] join(int[] first, int[] second) {
    int[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  /** Returns the number of messages. */
  public int messages() {
    return messages.size();
  }

  /** Returns the number of different words. */
  public int words() {
    return occurrences.size();
  }

  /** Returns how much memory this takes, in bytes, about. */
  public int bytes() {
    return BYTES_OF_MESSAGE * messages.size()
        + BYTES_OF_WORD * occurrences.size()
        + BYTES_OF_OCCURRENCE * occurrenceCount;
  }

  /**
   * Returns the messages that a query may match, in any order. Every message here that it matches
   * is among them.
   */
  List<MessageKey> mayMatch(SearchQuery query) {
    if (query.isEmpty()) {
      return List.of();
    }
    var all = new BitSet(messages.size());
    all.set(0, messages.size());
    for (SearchTerm term : query.required()) {
      all.and(mayHave(term));
    }
    var found = new ArrayList<MessageKey>(all.cardinality());
    all.stream().forEach(index -> found.add(messages.get(index)));
    return found;
  }

  private BitSet mayHave(SearchTerm term) {
    return switch (term) {
      case SearchTerm.Single(List<String> spellings, boolean prefix, int typos) -> {
        BitSet found = withWord(spellings, prefix);
        if (typos > 0) {
          vocabulary
              .near(spellings.getFirst(), typos)
              .forEach(word -> set(found, occurrences.get(word)));
        }
        yield found;
      }
      case SearchTerm.Phrase(List<List<String>> words, boolean prefix) -> {
        int last = words.size() - 1;
        BitSet found = withWord(words.getFirst(), false);
        for (int i = 1; i <= last; i++) {
          found.and(withWord(words.get(i), prefix && i == last));
        }
        yield found;
      }
      case SearchTerm.AnyOf(List<SearchTerm> alternatives) -> {
        var found = new BitSet();
        alternatives.forEach(alternative -> found.or(mayHave(alternative)));
        yield found;
      }
    };
  }

  /** Returns the messages with one of the spellings, or with a word that begins with one. */
  private BitSet withWord(List<String> spellings, boolean prefix) {
    var found = new BitSet(messages.size());
    for (String spelling : spellings) {
      if (prefix) {
        set(found, beginningWith(spelling));
      } else {
        set(found, occurrences.get(spelling));
      }
    }
    return found;
  }

  private Collection<int[]> beginningWith(String spelling) {
    // U+FFFF is no character, so no word contains it.
    return occurrences.subMap(spelling, true, spelling + '\uffff', false).values();
  }

  private static void set(BitSet found, Collection<int[]> all) {
    all.forEach(each -> set(found, each));
  }

  private static void set(BitSet found, int @Nullable [] indexes) {
    if (indexes != null) {
      for (int index : indexes) {
        found.set(index);
      }
    }
  }
}
