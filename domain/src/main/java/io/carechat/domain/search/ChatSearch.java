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
import io.carechat.domain.messages.PagedMessage;
import io.carechat.domain.paging.Page;
import io.carechat.domain.paging.PageSize;
import io.carechat.domain.paging.PrintableTimes;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.domain.search.index.MessageIndex;
import io.carechat.domain.search.query.SearchFilter;
import io.carechat.domain.search.query.SearchQuery;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Searching in a chat. A message that was acknowledged is found by every search that starts
 * afterwards: the index proposes, and what it has not seen yet is read from the log; where the
 * index is away, everything is. Every hit is judged by {@link SearchQuery#matches} on the text in
 * the log, so that the answer does not depend on which of them it came from.
 *
 * <p>Safe for use by many threads. May throw {@link Unavailable}, also when a search takes longer
 * than {@link SearchBudget#LONGEST}, but not because the index is away.
 */
public final class ChatSearch {
  /** Messages read from the log at a time. */
  private static final int BATCH = 500;

  private final MessageLog log;
  private final MessageIndex index;
  private final LongSupplier nanoTime;

  public ChatSearch(MessageLog log, MessageIndex index) {
    this(log, index, System::nanoTime);
  }

  /**
   * As the other.
   *
   * @param nanoTime goes on as {@link System#nanoTime} does
   */
  ChatSearch(MessageLog log, MessageIndex index, LongSupplier nanoTime) {
    this.log = log;
    this.index = index;
    this.nanoTime = nanoTime;
  }

  /**
   * A page of hits in a chat, newest first.
   *
   * @throws AccessDenied if the caller may not read the chat
   * @throws InvalidRequest if there is no query, or two
   */
  public SearchPage<Instant> search(Caller caller, ChatId chat, SearchRequest<Instant> request) {
    caller.require(Scope.READ_MESSAGES, chat);
    SearchQuery query = request.effectiveQuery();
    PageSize size = request.page().size();
    Window<Instant> window = request.page().window();
    var budget = new SearchBudget(nanoTime);
    Slice<Message> slice =
        Slice.read(
            window,
            size.value(),
            (part, limit) ->
                hits(chat, query, request.filter(), part, limit, budget).stream()
                    .sorted(Comparator.comparing(Message::createdAt).reversed())
                    .toList(),
            Message::createdAt,
            PrintableTimes.NEIGHBOURS);
    return new SearchPage<>(
        Page.of(slice, window, size, Message::createdAt, PrintableTimes.NEIGHBOURS)
            .map(hit ->
                new PagedMessage(
                    hit, size, request.highlight() ? query.highlights(hit.text()) : List.of())),
        query);
  }

  /** Up to {@code limit} hits, those nearest to the window's border first. */
  private List<Message> hits(
      ChatId chat,
      SearchQuery query,
      SearchFilter filter,
      Window<Instant> window,
      int limit,
      SearchBudget budget) {
    if (query.isEmpty()) {
      return List.of();
    }
    try {
      return new Scan(chat, query, filter, window, limit, budget).withIndex();
    } catch (IndexUnavailable unavailable) {
      return new Scan(chat, query, filter, window, limit, budget).withoutIndex();
    }
  }

  /** Only to tell the index's absence from the log's. */
  private static final class IndexUnavailable extends Exception {
    private static final long serialVersionUID = 1;

    IndexUnavailable(String what) {
      super(what);
    }

    IndexUnavailable(Unavailable cause) {
      super(cause);
    }
  }

  /** One walk through a chat in one direction. */
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

    List<Message> withoutIndex() {
      addLoggedAfter(LogPosition.START);
      return nearest.nearestFirst();
    }

    /** What the index has not seen, together with what it proposes. */
    List<Message> withIndex() throws IndexUnavailable {
      // The index before the log: what is logged in between is then read from the log.
      MessageIndex.Proposals proposals = propose(window);
      LogPosition indexed = proposals.upTo();
      addLoggedAfter(indexed);
      while (true) {
        List<MessageIndex.Proposal> proposed = proposals.nearestFirst();
        for (int judged = 0;
            judged < proposed.size() && !nearest.isBeyondTheLast(keyOf(proposed.get(judged))); ) {
          List<MessageIndex.Proposal> next =
              proposed.subList(judged, Math.min(judged + budget.nextTexts(), proposed.size()));
          log.findAll(chat, next.stream().map(MessageIndex.Proposal::id).toList())
              .forEach(nearest::add);
          judged += next.size();
        }
        if (!proposals.more() || nearest.isBeyondTheLast(keyOf(proposed.getLast()))) {
          return nearest.nearestFirst();
        }
        proposals = propose(beyond(proposed.getLast().createdAt(), forward));
        if (proposals.upTo().compareTo(indexed) < 0) {
          // Another index took its place, and what it has not seen was not read from the log.
          throw new IndexUnavailable("The index stepped back");
        }
      }
    }

    /** Adds the nearest hits among the messages logged after a position. */
    private void addLoggedAfter(LogPosition position) {
      Window<Instant> rest = fromTheFilter();
      while (true) {
        budget.goOn();
        List<Message> batch = log.readLoggedAfter(position, chat, rest, BATCH).newestFirst();
        batch.forEach(nearest::add);
        if (batch.size() < BATCH) {
          return;
        }
        Message furthest = forward ? batch.getFirst() : batch.getLast();
        if (nearest.isBeyondTheLast(MessageKey.of(furthest)) || isBeyondTheFilter(furthest)) {
          return;
        }
        rest = beyond(furthest.createdAt(), forward);
      }
    }

    /** The window without what the filter excludes between its border and the first hit. */
    private Window<Instant> fromTheFilter() {
      Instant from = filter.from();
      Instant to = filter.to();
      return switch (window) {
        case Window.After<Instant>(Instant border) when from != null && from.isAfter(border) ->
            new Window.After<Instant>(earlier(from.minusMillis(1), PrintableTimes.LATEST));
        case Window.Before<Instant>(Instant border) when to != null && to.isBefore(border) ->
            new Window.Before<Instant>(later(to, PrintableTimes.EARLIEST));
        case Window.Newest<Instant>() when to != null && to.isBefore(PrintableTimes.LATEST) ->
            new Window.Before<Instant>(later(to, PrintableTimes.EARLIEST));
        case Window<Instant> all -> all;
      };
    }

    /** Whether the filter excludes all that lies further away. */
    private boolean isBeyondTheFilter(Message message) {
      Instant end = forward ? filter.to() : filter.from();
      return end != null
          && (forward ? !message.createdAt().isBefore(end) : message.createdAt().isBefore(end));
    }

    private MessageIndex.Proposals propose(Window<Instant> part) throws IndexUnavailable {
      int count = budget.nextProposals();
      try {
        return index.propose(chat, query, filter, part, count);
      } catch (Unavailable unavailable) {
        throw new IndexUnavailable(unavailable);
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

  private static Window<Instant> beyond(Instant border, boolean forward) {
    return forward ? new Window.After<Instant>(border) : new Window.Before<Instant>(border);
  }
}
