package io.carechat.domain.search;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageKey;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.Neighbours;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Searching in all chats of an instance. As in {@link ChatSearch}, the index proposes, what it has
 * not seen yet is read from the log, every hit is judged by {@link SearchQuery#matches} on the text
 * in the log, and a message that was acknowledged is found by every search that starts afterwards.
 * But an instance is too large to be read whole: without the index, or while it is too far behind,
 * there is no answer.
 *
 * <p>Hits are in the order of {@link MessageKey}. Pages from newer to older give each hit that was
 * acknowledged before the first of them exactly once, whatever is sent meanwhile. A page towards
 * newer gives what lies after its border. Across chats that is not quite the order of commits: a
 * message whose sending was under way when the border was read may get an earlier instance, and is
 * then found by a new search only.
 *
 * <p>Safe for use by many threads. May throw {@link Unavailable}, also when a search takes longer
 * than {@link SearchBudget#LONGEST}.
 */
public final class InstanceSearch {
  /** How many events of the instance the index may not have seen. */
  static final int MOST_UNSEEN = 10_000;

  /** Events read from the log at a time. */
  private static final int BATCH = 500;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  private static final Neighbours<MessageKey> NEIGHBOURS =
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
  private final LongSupplier nanoTime;

  public InstanceSearch(MessageLog log, MessageIndex index) {
    this(log, index, System::nanoTime);
  }

  /**
   * As the other.
   *
   * @param nanoTime goes on as {@link System#nanoTime} does
   */
  InstanceSearch(MessageLog log, MessageIndex index, LongSupplier nanoTime) {
    this.log = log;
    this.index = index;
    this.nanoTime = nanoTime;
  }

  /**
   * A page of hits in the instance, newest first.
   *
   * @throws AccessDenied if the caller may not search the instance
   * @throws InvalidRequest if there is no query, or two
   */
  public SearchPage<MessageKey> search(
      Caller caller, TenantInstance instance, SearchRequest<MessageKey> request) {
    caller.require(Scope.SEARCH_INSTANCE, instance);
    SearchQuery query = request.effectiveQuery();
    PageSize size = request.page().size();
    Window<MessageKey> window = request.page().window();
    var budget = new SearchBudget(nanoTime);
    Slice<Message> slice =
        Slice.read(
            window,
            size.value(),
            (part, limit) ->
                hits(instance, query, request.filter(), part, limit, budget).stream()
                    .sorted(Comparator.comparing(MessageKey::of).reversed())
                    .toList(),
            MessageKey::of,
            NEIGHBOURS);
    return new SearchPage<>(
        Page.of(slice, window, size, MessageKey::of, NEIGHBOURS)
            .map(hit ->
                new PagedMessage(
                    hit, size, request.highlight() ? query.highlights(hit.text()) : List.of())),
        query);
  }

  /** Up to {@code limit} hits, those nearest to the window's border first. */
  private List<Message> hits(
      TenantInstance instance,
      SearchQuery query,
      SearchFilter filter,
      Window<MessageKey> window,
      int limit,
      SearchBudget budget) {
    if (query.isEmpty()) {
      return List.of();
    }
    budget.begin(limit);
    boolean forward = window instanceof Window.After<MessageKey>;
    var nearest = new NearestHits(query, filter, forward, limit);
    // The index before the log: what is logged in between is then read from the log.
    MessageIndex.InstanceProposals proposals =
        index.proposeInInstance(instance, query, filter, window, budget.nextProposals());
    LogPosition seen = proposals.upTo();
    addLoggedAfter(seen, instance, window, nearest);
    while (true) {
      List<MessageIndex.InstanceProposal> proposed = proposals.nearestFirst();
      for (int judged = 0;
          judged < proposed.size() && !nearest.isBeyondTheLast(proposed.get(judged).key()); ) {
        List<MessageIndex.InstanceProposal> next =
            proposed.subList(judged, Math.min(judged + budget.nextTexts(), proposed.size()));
        log.findAll(instance, next.stream().map(MessageIndex.InstanceProposal::message).toList())
            .forEach(nearest::add);
        judged += next.size();
      }
      if (!proposals.more() || nearest.isBeyondTheLast(proposed.getLast().key())) {
        return nearest.nearestFirst();
      }
      MessageKey furthest = proposed.getLast().key();
      proposals =
          index.proposeInInstance(
              instance,
              query,
              filter,
              forward
                  ? new Window.After<MessageKey>(furthest)
                  : new Window.Before<MessageKey>(furthest),
              budget.nextProposals());
      if (proposals.upTo().compareTo(seen) < 0) {
        // Another index took its instance, and has seen less.
        seen = proposals.upTo();
        addLoggedAfter(seen, instance, window, nearest);
      }
    }
  }

  private void addLoggedAfter(
      LogPosition position,
      TenantInstance instance,
      Window<MessageKey> window,
      NearestHits nearest) {
    LogPosition at = position;
    for (int count = 0; count <= MOST_UNSEEN; count += BATCH) {
      List<LoggedEvent> batch = log.readLoggedAfter(at, instance, BATCH);
      for (LoggedEvent logged : batch) {
        switch (logged.event()) {
          case ChatEvent.MessageSent(Message message) -> {
            if (window.contains(MessageKey.of(message))) {
              nearest.add(message);
            }
          }
          // Nothing that could be searched for.
          case ChatEvent.ChatRead chatRead -> {}
          case InstanceEvent.EndpointDisabled disabled -> {}
        }
      }
      if (batch.size() < BATCH) {
        return;
      }
      at = batch.getLast().position();
    }
    throw new Unavailable("The index has not seen too many events of the instance", RETRY_AFTER);
  }
}
