package io.carechat.domain.search;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.IndexedMessages;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.index.QueryRefused;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Searches in all chats of an instance. As in {@link ChatSearch}, the index proposes messages, and
 * messages that it has not seen yet are read from the log. {@link SearchQuery#matches} decides
 * about every message, on its text in the log. Every search finds each message that was
 * acknowledged before the search began. But an instance is too large to be read completely. So the
 * search fails if the index is unavailable, refuses the query or is too far behind the log.
 *
 * <p>Hits are in the order of {@link MessageKey}. Suppose that a caller reads from page to older
 * page. Each hit that was acknowledged before the first page was read is on exactly one page,
 * whatever is sent meanwhile. A page of newer hits has those after its cursor. Across chats the
 * order of keys is not exactly the order of commits. A message that was being sent while the page
 * with the cursor was read may get a key before the cursor. Only a new search finds it.
 *
 * <p>Safe for use by many threads. May throw {@link Unavailable}, also when a search takes longer
 * than {@link SearchBudget#MAX_DURATION}.
 */
public final class InstanceSearch {
  /** The maximum number of the instance's events that the index may not have seen. */
  static final int MAX_UNSEEN = 10_000;

  /** The number of events in one read of the log. */
  private static final int BATCH_SIZE = 500;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  /** For the rule of the empty page. */
  static final Neighbours<MessageKey> NEIGHBOURS =
      new Neighbours<>() {
        @Override
        public MessageKey start() {
          return MessageKey.startOf(Instant.EPOCH);
        }

        @Override
        public MessageKey previous(MessageKey key) {
          MessageKey previous = key.previous();
          return PrintableTimes.contains(previous.createdAt())
              ? previous
              : MessageKey.startOf(PrintableTimes.EARLIEST);
        }

        @Override
        public MessageKey next(MessageKey key) {
          MessageKey next = key.next();
          return PrintableTimes.contains(next.createdAt())
              ? next
              : MessageKey.startOf(PrintableTimes.LATEST.plusMillis(1)).previous();
        }
      };

  private final MessageLog log;
  private final MessageIndex index;
  private final Judge judge;
  private final LongSupplier nanoTime;

  /**
   * Makes a search that computes on the threads of its callers.
   *
   * @param log the messages
   * @param index the search index
   */
  public InstanceSearch(MessageLog log, MessageIndex index) {
    this(log, index, Runnable::run);
  }

  /**
   * Makes a search.
   *
   * @param log the messages
   * @param index the search index
   * @param judging as in {@link ChatSearch#ChatSearch(MessageLog, MessageIndex, ChatWordsCache,
   *     Executor)}
   */
  public InstanceSearch(MessageLog log, MessageIndex index, Executor judging) {
    this(log, index, judging, System::nanoTime);
  }

  /**
   * Makes a search with another clock.
   *
   * @param nanoTime returns a time in nanoseconds, as {@link System#nanoTime} does
   */
  InstanceSearch(MessageLog log, MessageIndex index, Executor judging, LongSupplier nanoTime) {
    this.log = log;
    this.index = index;
    this.judge = new Judge(judging);
    this.nanoTime = nanoTime;
  }

  /**
   * Returns a page of hits in the instance, newest first.
   *
   * @throws AccessDenied if the caller may not search the instance
   * @throws InvalidRequest if the request has no query, or another query than its token
   */
  public SearchPage<MessageKey> search(
      Caller caller, TenantInstance instance, SearchRequest<MessageKey> request) {
    caller.require(Scope.SEARCH_INSTANCE, instance);
    var budget = new SearchBudget(nanoTime);
    return SearchPage.of(
        request,
        (query, window, limit) -> hits(instance, query, request.filter(), window, limit, budget),
        MessageKey::of,
        NEIGHBOURS,
        judge,
        budget);
  }

  /** Returns up to {@code limit} hits of a window. Those nearest to its cursor come first. */
  private List<Message> hits(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit,
      SearchBudget budget) {
    budget.begin(limit);
    boolean forward = window instanceof Window.After<MessageKey>;
    var nearest = new NearestHits(query, filter, forward, limit);
    // Ask the index before reading the log. Otherwise a message that is logged in between could be
    // missed.
    MessageIndex.InstanceProposals proposals =
        propose(instance, query, filter, window, budget.nextProposals());
    LogPosition indexed = proposals.upTo();
    addLoggedAfter(indexed, instance, window, nearest, budget);
    while (true) {
      List<MessageIndex.InstanceProposal> proposed = proposals.nearestFirst();
      for (int checked = 0;
          checked < proposed.size() && !nearest.isBeyondLast(proposed.get(checked).key()); ) {
        List<MessageIndex.InstanceProposal> next =
            proposed.subList(checked, Math.min(checked + budget.nextTexts(), proposed.size()));
        judge.forEach(
            log.findAll(
                instance, next.stream().map(MessageIndex.InstanceProposal::message).toList()),
            budget,
            nearest::add);
        checked += next.size();
      }
      if (!proposals.more() || nearest.isBeyondLast(proposed.getLast().key())) {
        return nearest.nearestFirst();
      }
      MessageKey furthest = proposed.getLast().key();
      proposals =
          propose(
              instance,
              query,
              filter,
              forward
                  ? new Window.After<MessageKey>(furthest)
                  : new Window.Before<MessageKey>(furthest),
              budget.nextProposals());
      if (proposals.upTo().compareTo(indexed) < 0) {
        // Another index has replaced this one and has seen less of the log.
        indexed = proposals.upTo();
        addLoggedAfter(indexed, instance, window, nearest, budget);
      }
    }
  }

  private MessageIndex.InstanceProposals propose(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit) {
    try {
      return index.proposeInInstance(instance, query, filter, window, limit);
    } catch (QueryRefused e) {
      throw new Unavailable("The index refused a query", e.retryAfter(), e);
    }
  }

  private void addLoggedAfter(
      LogPosition position,
      TenantInstance instance,
      Window<MessageKey> window,
      NearestHits nearest,
      SearchBudget budget) {
    LogPosition from = position;
    for (int count = 0; count <= MAX_UNSEEN; count += BATCH_SIZE) {
      budget.checkTime();
      List<LoggedEvent> batch = log.readLoggedAfter(from, instance, BATCH_SIZE);
      judge.forEach(
          IndexedMessages.of(batch).stream()
              .filter(message -> window.contains(MessageKey.of(message)))
              .toList(),
          budget,
          nearest::add);
      if (batch.size() < BATCH_SIZE) {
        return;
      }
      from = batch.getLast().position();
    }
    throw new Unavailable("The index is too many events of the instance behind", RETRY_AFTER);
  }
}
