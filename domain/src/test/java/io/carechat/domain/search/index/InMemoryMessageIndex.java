package io.carechat.domain.search.index;

import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.reverseOrder;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import io.carechat.domain.search.query.SearchTerm;
import io.carechat.domain.search.query.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An index without a search engine. It is imprecise on purpose: it proposes every message in which
 * some word begins with the first letter of each required word. A query that requires nothing gets
 * all messages. The caller must decide which of them match.
 */
public final class InMemoryMessageIndex implements MessageIndex, IndexDocuments {
  private record Entry(Message message, Set<Integer> letters) {}

  private final Map<MessageRef, Entry> entries = new HashMap<>();
  private final Set<String> strays = new HashSet<>();
  private LogPosition upTo = LogPosition.START;
  private boolean exists = true;
  private int answersLeft = Integer.MAX_VALUE;
  private int proposalsAtOnce = Integer.MAX_VALUE;

  /** From now on it answers that many times, and then is unavailable until this is called again. */
  public synchronized void goAwayAfter(int answers) {
    answersLeft = answers;
  }

  /** From now on it gives at most that many proposals at once, however many are asked for. */
  public synchronized void answerWithAtMost(int proposals) {
    proposalsAtOnce = proposals;
  }

  /** Loses all its data, as a search engine does when its disk is wiped. */
  public synchronized void loseEverything() {
    entries.clear();
    strays.clear();
    upTo = LogPosition.START;
    exists = false;
  }

  /** Gets messages from after its watermark, as after a batch that was interrupted. */
  public synchronized void addBeyondWatermark(List<Message> messages) {
    messages.forEach(this::add);
  }

  @Override
  public synchronized Proposals propose(
      ChatId chat, SearchQuery query, SearchFilter filter, Window<Instant> window, int limit) {
    requireAnswering();
    Comparator<Instant> nearestFirst =
        window instanceof Window.After<Instant> ? naturalOrder() : reverseOrder();
    List<Proposal> all =
        entries.values().stream()
            .filter(entry -> entry.message().chat().equals(chat))
            .filter(entry -> filter.accepts(entry.message()))
            .filter(entry -> window.contains(entry.message().createdAt()))
            .filter(entry -> mayMatch(entry, query))
            .map(entry -> new Proposal(entry.message().externalId(), entry.message().createdAt()))
            .sorted(Comparator.comparing(Proposal::createdAt, nearestFirst))
            .toList();
    int given = Math.min(limit, proposalsAtOnce);
    return new Proposals(upTo, all.stream().limit(given).toList(), all.size() > given);
  }

  @Override
  public synchronized InstanceProposals proposeInInstance(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit) {
    requireAnswering();
    Comparator<MessageKey> nearestFirst =
        window instanceof Window.After<MessageKey> ? naturalOrder() : reverseOrder();
    List<InstanceProposal> all =
        entries.values().stream()
            .filter(entry -> entry.message().chat().instance().equals(instance))
            .filter(entry -> filter.accepts(entry.message()))
            .filter(entry -> window.contains(MessageKey.of(entry.message())))
            .filter(entry -> mayMatch(entry, query))
            .map(entry ->
                new InstanceProposal(entry.message().chat(), MessageKey.of(entry.message())))
            .sorted(Comparator.comparing(InstanceProposal::key, nearestFirst))
            .toList();
    int given = Math.min(limit, proposalsAtOnce);
    return new InstanceProposals(upTo, all.stream().limit(given).toList(), all.size() > given);
  }

  @Override
  public synchronized LogPosition searchedUpTo() {
    requireThere();
    return upTo;
  }

  private void requireAnswering() {
    requireThere();
    if (answersLeft <= 0) {
      throw new Unavailable("The test wants the index to be unavailable", Duration.ofSeconds(1));
    }
    answersLeft--;
  }

  private static boolean mayMatch(Entry entry, SearchQuery query) {
    return query.required().stream().allMatch(term -> mayOccur(term, entry.letters()));
  }

  /** Words that may have a typing error are ignored: it may be in the first letter. */
  private static boolean mayOccur(SearchTerm term, Set<Integer> letters) {
    return switch (term) {
      case SearchTerm.Single(List<String> spellings, boolean prefix, int typos) ->
          typos > 0 || mayBegin(spellings, letters);
      case SearchTerm.Phrase(List<List<String>> words, boolean prefix) ->
          words.stream().allMatch(spellings -> mayBegin(spellings, letters));
      case SearchTerm.AnyOf(List<SearchTerm> alternatives) ->
          alternatives.stream().anyMatch(alternative -> mayOccur(alternative, letters));
    };
  }

  private static boolean mayBegin(List<String> spellings, Set<Integer> letters) {
    return spellings.stream().anyMatch(spelling -> letters.contains(spelling.codePointAt(0)));
  }

  @Override
  public synchronized LogPosition indexedUpTo() {
    exists = true;
    return upTo;
  }

  @Override
  public synchronized void index(LogPosition after, List<Message> messages, LogPosition newUpTo) {
    requireThere();
    if (upTo.compareTo(after) < 0) {
      throw new Unavailable("The index does not reach that far", Duration.ofSeconds(1));
    }
    messages.forEach(this::add);
    if (upTo.compareTo(newUpTo) < 0) {
      upTo = newUpTo;
    }
  }

  private void add(Message message) {
    Set<Integer> letters =
        Words.indexed(message.text().value()).stream()
            .map(word -> word.codePointAt(0))
            .collect(Collectors.toCollection(TreeSet::new));
    entries.put(MessageRef.of(message), new Entry(message, letters));
  }

  /** Loses the document of one message. */
  public synchronized void lose(Message message) {
    entries.remove(MessageRef.of(message));
  }

  /** Gets a document that belongs to no message. */
  public synchronized void addStray() {
    strays.add("stray");
  }

  @Override
  public synchronized Comparison compare(LogPosition reached, List<Message> messages) {
    requireThere();
    if (upTo.compareTo(reached) < 0) {
      throw new Unavailable("The index does not reach that far", Duration.ofSeconds(1));
    }
    List<Message> missing =
        messages.stream().filter(message -> !entries.containsKey(MessageRef.of(message))).toList();
    List<Message> different =
        messages.stream()
            .filter(message -> !missing.contains(message))
            .filter(message -> !stored(MessageRef.of(message)).equals(message))
            .toList();
    return new Comparison(missing, different);
  }

  private Message stored(MessageRef message) {
    return Objects.requireNonNull(entries.get(message)).message();
  }

  @Override
  public synchronized Row read(@Nullable MessageKey after, int limit) {
    requireThere();
    List<Message> next =
        entries.values().stream()
            .map(Entry::message)
            .filter(message -> after == null || MessageKey.of(message).compareTo(after) > 0)
            .sorted(Comparator.comparing(MessageKey::of))
            .toList();
    var row = new ArrayList<Document>();
    next.stream()
        .limit(limit)
        .map(MessageRef::of)
        .forEach(message ->
            row.add(new Document(message.chat() + " " + message.id(), Optional.of(message))));
    if (next.size() >= limit) {
      return new Row(row, MessageKey.of(next.get(limit - 1)));
    }
    strays.stream()
        .limit(limit - row.size())
        .forEach(stray -> row.add(new Document(stray, Optional.empty())));
    return new Row(row, null);
  }

  @Override
  public synchronized void repair(Collection<Message> write, Collection<Document> delete) {
    requireThere();
    for (Document document : delete) {
      document.message().ifPresent(entries::remove);
      strays.remove(document.key());
    }
    write.forEach(this::add);
  }

  private void requireThere() {
    if (!exists) {
      throw new Unavailable("The index has no data", Duration.ofSeconds(1));
    }
  }
}
