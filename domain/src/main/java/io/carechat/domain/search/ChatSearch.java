package io.carechat.domain.search;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.index.QueryRefused;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Searches in a chat. Most chats are short, and reading a short chat from the log takes less time
 * than asking the index. So if nothing is remembered of a chat, the nearest messages are read
 * first. For the others the search index proposes messages that may match, and what it has not seen
 * yet is read from the log. If it is unavailable, the whole chat is read. So every search finds
 * each message that was acknowledged before the search began. {@link SearchQuery#matches} decides
 * about every message, on its text in the log, wherever the message was found.
 *
 * <p>To tolerate typing errors is expensive for an index that knows all words of everybody. So the
 * search remembers which words the messages of a long chat have. While it does, the index is not
 * asked. Messages that were logged after the words were read are read from the log too.
 *
 * <p>If a working index refuses the query, only some messages are read instead. Reading a long chat
 * because a query is expensive would let one caller move the work to the database.
 *
 * <p>Safe for use by many threads. May throw {@link Unavailable}, also when a search takes longer
 * than {@link SearchBudget#MAX_DURATION}, but not because the index is unavailable.
 */
public final class ChatSearch {
  /** The number of messages in one read of the log. */
  private static final int BATCH_SIZE = 500;

  /**
   * The maximum number of messages that are read from the log because the index refused a query. It
   * takes some ten milliseconds to read them, and few chats have more.
   */
  static final int MAX_READ_AFTER_REFUSAL = 2_000;

  /**
   * The numbers of messages that are read from the log before the index is asked. Together they
   * take about as long as the index does.
   */
  private static final List<Integer> READ_FIRST = List.of(50, 150);

  /**
   * The length of the texts, in UTF-16 code units, up to which more messages are read before the
   * index is asked.
   */
  private static final int MAX_LENGTH_READ_FIRST = 65_536;

  /** The words of a chat with more messages are not remembered. */
  static final int MAX_MESSAGES_FOR_WORDS = 5_000;

  /** The words of a chat with more different words are not remembered. */
  private static final int MAX_WORDS = 20_000;

  /**
   * How many messages a search may read again and again, because they were logged after the words.
   */
  private static final int MAX_UNKNOWN = 50;

  private static final ChatWords NOT_READ = new ChatWords.NotRead();

  private final MessageLog log;
  private final MessageIndex index;
  private final ChatWordsCache words;
  private final List<Integer> readFirst;
  private final Judge judge;
  private final LongSupplier nanoTime;

  /**
   * Makes a search that computes on the threads of its callers, remembers nothing, and asks the
   * index first. So tests of the index need few messages.
   *
   * @param log the messages
   * @param index the search index
   */
  public ChatSearch(MessageLog log, MessageIndex index) {
    this(log, index, ChatWordsCache.NONE, Runnable::run, System::nanoTime, List.of());
  }

  /**
   * Makes a search.
   *
   * @param log the messages
   * @param index the search index
   * @param words remembers the words of long chats
   * @param judging runs what may take the processor long. It needs few threads, and these should be
   *     of the operating system.
   */
  public ChatSearch(MessageLog log, MessageIndex index, ChatWordsCache words, Executor judging) {
    this(log, index, words, judging, System::nanoTime, READ_FIRST);
  }

  /**
   * Makes a search with another clock.
   *
   * @param nanoTime returns a time in nanoseconds, as {@link System#nanoTime} does
   * @param readFirst how many messages to read before asking the index, in parts
   */
  ChatSearch(
      MessageLog log,
      MessageIndex index,
      ChatWordsCache words,
      Executor judging,
      LongSupplier nanoTime,
      List<Integer> readFirst) {
    this.log = log;
    this.index = index;
    this.words = words;
    this.judge = new Judge(judging);
    this.nanoTime = nanoTime;
    this.readFirst = readFirst;
  }

  /**
   * Returns a page of hits in a chat, newest first.
   *
   * @throws AccessDenied if the caller may not read the chat
   * @throws InvalidRequest if the request has no query, or another query than its token
   */
  public SearchPage<Instant> search(Caller caller, ChatId chat, SearchRequest<Instant> request) {
    caller.require(Scope.READ_MESSAGES, chat);
    var budget = new SearchBudget(nanoTime);
    return SearchPage.of(
        request,
        (query, window, limit) -> hits(chat, query, request.filter(), window, limit, budget),
        Message::createdAt,
        PrintableTimes.NEIGHBOURS,
        judge,
        budget);
  }

  /** Returns up to {@code limit} hits of a window. Those nearest to its cursor come first. */
  private List<Message> hits(
      ChatId chat,
      SearchQuery query,
      SearchFilter filter,
      Window<Instant> window,
      int limit,
      SearchBudget budget) {
    Optional<ChatWords> remembered = words.get(chat);
    if (remembered.isEmpty()) {
      var first = new Scan(chat, query, filter, window, limit, budget);
      if (first.withNearestMessages()) {
        return first.nearest.nearestFirst();
      }
    }
    try {
      return new Scan(chat, query, filter, window, limit, budget).withWordsOrIndex(remembered);
    } catch (IndexUnavailable e) {
      return new Scan(chat, query, filter, window, limit, budget).withoutIndex();
    } catch (QueryRefused e) {
      return new Scan(chat, query, filter, window, limit, budget).afterRefusal(e);
    }
  }

  /** Distinguishes an unavailable index from an unavailable log. */
  private static final class IndexUnavailable extends Exception {
    private static final long serialVersionUID = 1;

    IndexUnavailable(String what) {
      super(what);
    }

    IndexUnavailable(Unavailable cause) {
      super(cause);
    }
  }

  /** One pass through a chat in one direction. */
  private final class Scan {
    private final ChatId chat;
    private final SearchQuery query;
    private final SearchFilter filter;
    private final Window<Instant> window;
    private final SearchBudget budget;
    private final boolean forward;
    private final NearestHits nearest;

    Scan(
        ChatId chat,
        SearchQuery query,
        SearchFilter filter,
        Window<Instant> window,
        int limit,
        SearchBudget budget) {
      this.chat = chat;
      this.query = query;
      this.filter = filter;
      this.window = window;
      this.budget = budget;
      budget.begin(limit);
      this.forward = window instanceof Window.After<Instant>;
      this.nearest = new NearestHits(query, filter, forward, limit);
    }

    /** Finds hits by reading all messages of the window from the log. */
    List<Message> withoutIndex() {
      boolean _ = addLoggedAfter(LogPosition.START, Integer.MAX_VALUE);
      return nearest.nearestFirst();
    }

    /** Finds hits by reading some messages of the window from the log, if these are enough. */
    List<Message> afterRefusal(QueryRefused refused) {
      if (!addLoggedAfter(LogPosition.START, MAX_READ_AFTER_REFUSAL)) {
        throw new Unavailable(
            "The index refused a query, and there are too many messages to read all",
            refused.retryAfter(),
            refused);
      }
      return nearest.nearestFirst();
    }

    /**
     * Finds hits among the messages that are nearest to the cursor.
     *
     * @return false if there may be more hits further away
     */
    boolean withNearestMessages() {
      Window<Instant> remaining = startOfFilter();
      int length = 0;
      for (int count : readFirst) {
        budget.checkTime();
        List<Message> batch = log.read(chat, remaining, count).newestFirst();
        judge.forEach(batch, budget, nearest::add);
        if (batch.size() < count) {
          return true;
        }
        Message furthest = forward ? batch.getFirst() : batch.getLast();
        if (nearest.isBeyondLast(MessageKey.of(furthest)) || isBeyondFilter(furthest)) {
          return true;
        }
        length += batch.stream().mapToInt(message -> message.text().value().length()).sum();
        if (length > MAX_LENGTH_READ_FIRST) {
          return false;
        }
        remaining = beyond(furthest.createdAt(), forward);
      }
      return false;
    }

    /** Finds hits with the words of the chat, or else with the index. */
    List<Message> withWordsOrIndex(Optional<ChatWords> remembered) throws IndexUnavailable {
      if (words(remembered) instanceof ChatWords.Known known && addWith(known)) {
        return nearest.nearestFirst();
      }
      return withIndex();
    }

    /** Returns what is known of the chat's words, and reads them if the query needs them. */
    private ChatWords words(Optional<ChatWords> remembered) throws IndexUnavailable {
      ChatWords before = remembered.orElse(NOT_READ);
      if (before instanceof ChatWords.NotRead) {
        // If they are not needed: so that the next search of this long chat asks the index first.
        ChatWords now = query.toleratesErrors() ? readWords() : NOT_READ;
        words.put(chat, now);
        return now;
      }
      return before;
    }

    private ChatWords readWords() throws IndexUnavailable {
      // Before the log is read. So the log has all messages up to this position.
      LogPosition upTo = searchedUpTo();
      var found = new MessageWords.Builder(MessageWords.NONE);
      Window<Instant> remaining = new Window.Newest<>();
      for (int read = 0; read < MAX_MESSAGES_FOR_WORDS; read += BATCH_SIZE) {
        budget.checkTime();
        List<Message> batch = log.read(chat, remaining, BATCH_SIZE).newestFirst();
        judge.forEach(batch, budget, found::add);
        if (found.words() > MAX_WORDS) {
          break;
        }
        if (batch.size() < BATCH_SIZE) {
          return new ChatWords.Known(upTo, found.build());
        }
        remaining = new Window.Before<>(batch.getLast().createdAt());
      }
      return new ChatWords.TooMany();
    }

    private LogPosition searchedUpTo() throws IndexUnavailable {
      try {
        return index.searchedUpTo();
      } catch (Unavailable e) {
        throw new IndexUnavailable(e);
      }
    }

    /**
     * Adds the nearest hits among the messages whose words are known, and among those that were
     * logged after them.
     *
     * @return false if there are too many of the latter, so that hits may be missing
     */
    private boolean addWith(ChatWords.Known known) {
      List<Message> unknown = readUnknown(known);
      if (unknown.size() == BATCH_SIZE) {
        words.put(chat, NOT_READ);
        return false;
      }
      judge.forEach(
          unknown,
          budget,
          message -> {
            if (window.contains(message.createdAt())) {
              nearest.add(message);
            }
          });
      if (unknown.size() > MAX_UNKNOWN) {
        learn(known);
      }
      List<MessageKey> candidates =
          known.words().mayMatch(query).stream()
              .filter(key -> window.contains(key.createdAt()) && filter.accepts(key.createdAt()))
              .sorted(nearest.order())
              .toList();
      addAll(candidates);
      return true;
    }

    /** Reads what was logged after the words. The whole chat, because windows differ. */
    private List<Message> readUnknown(ChatWords.Known known) {
      return log.readLoggedAfter(known.upTo(), chat, new Window.Newest<>(), BATCH_SIZE)
          .newestFirst();
    }

    /** Remembers the words of the messages that were logged since. */
    private void learn(ChatWords.Known known) {
      LogPosition upTo;
      try {
        // Before the log is read, as above.
        upTo = index.searchedUpTo();
      } catch (Unavailable | QueryRefused e) {
        // The next search tries again.
        return;
      }
      List<Message> unknown = readUnknown(known);
      // A position can also be lower than before, after another index has replaced the one before.
      if (upTo.compareTo(known.upTo()) <= 0 || unknown.size() == BATCH_SIZE) {
        return;
      }
      var all = new MessageWords.Builder(known.words());
      judge.forEach(unknown, budget, all::add);
      MessageWords built = all.build();
      words.put(
          chat,
          built.messages() > MAX_MESSAGES_FOR_WORDS || built.words() > MAX_WORDS
              ? new ChatWords.TooMany()
              : new ChatWords.Known(upTo, built));
    }

    /** Adds those of the messages that are hits. The nearest come first. */
    private void addAll(List<MessageKey> candidates) {
      for (int checked = 0;
          checked < candidates.size() && !nearest.isBeyondLast(candidates.get(checked)); ) {
        List<MessageKey> next =
            candidates.subList(checked, Math.min(checked + budget.nextTexts(), candidates.size()));
        judge.forEach(
            log.findAll(chat, next.stream().map(MessageKey::id).toList()), budget, nearest::add);
        checked += next.size();
      }
    }

    /** Finds hits among the messages that the index has not seen and those that it proposes. */
    private List<Message> withIndex() throws IndexUnavailable {
      // Ask the index before reading the log. Otherwise a message that is logged in between could
      // be missed.
      MessageIndex.Proposals proposals = propose(window);
      LogPosition indexed = proposals.upTo();
      boolean _ = addLoggedAfter(indexed, Integer.MAX_VALUE);
      while (true) {
        List<MessageKey> proposed =
            proposals.nearestFirst().stream().map(ChatSearch::keyOf).toList();
        addAll(proposed);
        if (!proposals.more() || nearest.isBeyondLast(proposed.getLast())) {
          return nearest.nearestFirst();
        }
        proposals = propose(beyond(proposed.getLast().createdAt(), forward));
        if (proposals.upTo().compareTo(indexed) < 0) {
          // Another index has replaced this one and has seen less of the log. The messages in
          // between were not read.
          throw new IndexUnavailable("The index stepped back");
        }
      }
    }

    /**
     * Adds the nearest hits among the messages that were logged after a position.
     *
     * @param max the maximum number of messages to read, rounded up to whole batches
     * @return false if it stopped because of the maximum, so that hits may be missing
     */
    private boolean addLoggedAfter(LogPosition position, int max) {
      Window<Instant> remaining = startOfFilter();
      int read = 0;
      while (true) {
        if (read >= max) {
          return false;
        }
        budget.checkTime();
        List<Message> batch =
            log.readLoggedAfter(position, chat, remaining, BATCH_SIZE).newestFirst();
        read += batch.size();
        judge.forEach(batch, budget, nearest::add);
        if (batch.size() < BATCH_SIZE) {
          return true;
        }
        Message furthest = forward ? batch.getFirst() : batch.getLast();
        if (nearest.isBeyondLast(MessageKey.of(furthest)) || isBeyondFilter(furthest)) {
          return true;
        }
        remaining = beyond(furthest.createdAt(), forward);
      }
    }

    /** Returns the window without the times next to its cursor that the filter excludes. */
    private Window<Instant> startOfFilter() {
      Instant from = filter.from();
      Instant to = filter.to();
      return switch (window) {
        case Window.After<Instant>(Instant cursor) when from != null && from.isAfter(cursor) ->
            new Window.After<Instant>(earlier(from.minusMillis(1), PrintableTimes.LATEST));
        case Window.Before<Instant>(Instant cursor) when to != null && to.isBefore(cursor) ->
            new Window.Before<Instant>(later(to, PrintableTimes.EARLIEST));
        case Window.Newest<Instant>() when to != null && to.isBefore(PrintableTimes.LATEST) ->
            new Window.Before<Instant>(later(to, PrintableTimes.EARLIEST));
        case Window<Instant> all -> all;
      };
    }

    /** Returns whether the filter excludes all messages that are further away than this one. */
    private boolean isBeyondFilter(Message message) {
      Instant end = forward ? filter.to() : filter.from();
      return end != null
          && (forward ? !message.createdAt().isBefore(end) : message.createdAt().isBefore(end));
    }

    private MessageIndex.Proposals propose(Window<Instant> part) throws IndexUnavailable {
      int count = budget.nextProposals();
      try {
        return index.propose(chat, query, filter, part, count);
      } catch (Unavailable e) {
        throw new IndexUnavailable(e);
      }
    }
  }

  private static MessageKey keyOf(MessageIndex.Proposal proposal) {
    return new MessageKey(proposal.createdAt(), proposal.id());
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Window<Instant> beyond(Instant cursor, boolean forward) {
    return forward ? new Window.After<Instant>(cursor) : new Window.Before<Instant>(cursor);
  }
}
