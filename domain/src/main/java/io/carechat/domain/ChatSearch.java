package io.carechat.domain;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Searching in a chat. A message that was acknowledged is found by every search that starts
 * afterwards: the index proposes, and what it has not seen yet is read from the log; where the
 * index is away, everything is. Every hit is judged by {@link SearchQuery#matches} on the text in
 * the log, so that the answer does not depend on which of them it came from.
 *
 * <p>Safe for use by many threads. May throw {@link Unavailable}, also when a search takes longer
 * than {@link SearchPace#LONGEST}, but not because the index is away.
 */
public final class ChatSearch {
  /** Messages read from the log at a time. */
  private static final int LOT = 500;

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
   * A search as a caller asks for it.
   *
   * @param query null to use the token's
   * @param token null for the newest hits
   * @param size null for the token's, or {@link PageSize#DEFAULT} without one
   * @param highlight whether to give {@link PagedMessage#highlights}
   */
  public record Request(
      @Nullable SearchQuery query,
      PageToken.@Nullable Search token,
      @Nullable PageSize size,
      SearchFilter filter,
      boolean highlight) {}

  /** A page of hits in a chat, newest first. */
  public SearchResult search(Caller caller, ChatId chat, Request request) {
    if (!caller.may(Scope.READ_MESSAGES, chat)) {
      return new Forbidden(Scope.READ_MESSAGES);
    }
    PageToken.Search token = request.token();
    SearchQuery query = request.query();
    if (token != null) {
      if (query != null && !query.text().equals(token.query())) {
        return new SearchResult.QueryNotOfToken();
      }
      query = SearchQuery.parse(token.query());
    }
    if (query == null) {
      return new SearchResult.QueryMissing();
    }
    PageSize size = PatientChats.effectiveSize(request.size(), token);
    Window window = token == null ? new Window.Newest() : token.window();
    return new SearchResult.Found(page(chat, query, request, window, size));
  }

  private MessagePage page(
      ChatId chat, SearchQuery query, Request request, Window window, PageSize size) {
    // One more than the page holds tells whether there are more in its direction.
    var pace = new SearchPace(nanoTime);
    List<Message> hits = hits(chat, query, request.filter(), window, size.value() + 1, pace);
    boolean more = hits.size() > size.value();
    List<Message> newestFirst =
        hits.stream()
            .limit(size.value())
            .sorted(Comparator.comparing(Message::createdAt).reversed())
            .toList();
    boolean olderExist = more;
    if (window instanceof Window.After(Instant border)) {
      Instant from =
          newestFirst.isEmpty() ? border.plusMillis(1) : newestFirst.getLast().createdAt();
      olderExist = !hits(chat, query, request.filter(), new Window.Before(from), 1, pace).isEmpty();
    }
    Borders borders = Borders.of(newestFirst, window, olderExist);
    Instant older = borders.older();
    return new MessagePage(
        newestFirst.stream()
            .map(message ->
                PagedMessage.of(
                    message,
                    size,
                    request.highlight() ? query.highlights(message.text()) : List.of()))
            .toList(),
        older == null ? null : new PageToken.Search(size, older, query.text(), true),
        new PageToken.Search(size, borders.newer(), query.text(), false));
  }

  /** Up to {@code limit} hits, those nearest to the window's border first. */
  private List<Message> hits(
      ChatId chat,
      SearchQuery query,
      SearchFilter filter,
      Window window,
      int limit,
      SearchPace pace) {
    if (query.isEmpty()) {
      return List.of();
    }
    try {
      return new Scan(chat, query, filter, window, limit, pace).withIndex();
    } catch (IndexAway away) {
      return new Scan(chat, query, filter, window, limit, pace).withoutIndex();
    }
  }

  /** Only to tell the index's absence from the log's. */
  private static final class IndexAway extends Exception {
    private static final long serialVersionUID = 1;

    IndexAway(String what) {
      super(what);
    }

    IndexAway(Unavailable cause) {
      super(cause);
    }
  }

  /** One walk through a chat in one direction. */
  private final class Scan {
    private final ChatId chat;
    private final SearchQuery query;
    private final SearchFilter filter;
    private final Window window;
    private final SearchPace pace;
    private final boolean forward;
    private final NearestHits nearest;

    Scan(
        ChatId chat,
        SearchQuery query,
        SearchFilter filter,
        Window window,
        int limit,
        SearchPace pace) {
      this.chat = chat;
      this.query = query;
      this.filter = filter;
      this.window = window;
      this.pace = pace;
      pace.begin(limit);
      this.forward = window instanceof Window.After;
      this.nearest = new NearestHits(query, filter, forward, limit);
    }

    List<Message> withoutIndex() {
      addLoggedAfter(LogPosition.START);
      return nearest.nearestFirst();
    }

    /** What the index has not seen, together with what it proposes. */
    List<Message> withIndex() throws IndexAway {
      // The index before the log: what is logged in between is then read from the log.
      MessageIndex.Proposals proposals = propose(window);
      LogPosition indexed = proposals.upTo();
      addLoggedAfter(indexed);
      while (true) {
        List<MessageIndex.Proposal> proposed = proposals.nearestFirst();
        for (int judged = 0;
            judged < proposed.size() && !nearest.isBeyondTheLast(place(proposed.get(judged))); ) {
          List<MessageIndex.Proposal> next =
              proposed.subList(judged, Math.min(judged + pace.nextTexts(), proposed.size()));
          log.findAll(chat, next.stream().map(MessageIndex.Proposal::id).toList())
              .forEach(nearest::add);
          judged += next.size();
        }
        if (!proposals.more() || nearest.isBeyondTheLast(place(proposed.getLast()))) {
          return nearest.nearestFirst();
        }
        proposals = propose(beyond(proposed.getLast().createdAt(), forward));
        if (proposals.upTo().compareTo(indexed) < 0) {
          // Another index took its place, and what it has not seen was not read from the log.
          throw new IndexAway("The index stepped back");
        }
      }
    }

    /** Adds the nearest hits among the messages logged after a position. */
    private void addLoggedAfter(LogPosition position) {
      Window rest = fromTheFilter();
      while (true) {
        pace.goOn();
        List<Message> lot = log.readLoggedAfter(position, chat, rest, LOT).newestFirst();
        lot.forEach(nearest::add);
        if (lot.size() < LOT) {
          return;
        }
        Message furthest = forward ? lot.getFirst() : lot.getLast();
        if (nearest.isBeyondTheLast(TimeAndId.of(furthest)) || isBeyondTheFilter(furthest)) {
          return;
        }
        rest = beyond(furthest.createdAt(), forward);
      }
    }

    /** The window without what the filter excludes between its border and the first hit. */
    private Window fromTheFilter() {
      Instant from = filter.from();
      Instant to = filter.to();
      return switch (window) {
        case Window.After(Instant border) when from != null && from.isAfter(border) ->
            new Window.After(earlier(from.minusMillis(1), PageToken.LATEST));
        case Window.Before(Instant border) when to != null && to.isBefore(border) ->
            new Window.Before(later(to, PageToken.EARLIEST));
        case Window.Newest() when to != null && to.isBefore(PageToken.LATEST) ->
            new Window.Before(later(to, PageToken.EARLIEST));
        case Window all -> all;
      };
    }

    /** Whether the filter excludes all that lies further away. */
    private boolean isBeyondTheFilter(Message message) {
      Instant end = forward ? filter.to() : filter.from();
      return end != null
          && (forward ? !message.createdAt().isBefore(end) : message.createdAt().isBefore(end));
    }

    private MessageIndex.Proposals propose(Window part) throws IndexAway {
      int count = pace.nextProposals();
      try {
        return index.propose(chat, query, filter, part, count);
      } catch (Unavailable away) {
        throw new IndexAway(away);
      }
    }
  }

  private static TimeAndId place(MessageIndex.Proposal proposal) {
    return new TimeAndId(proposal.createdAt(), proposal.id());
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static Window beyond(Instant border, boolean forward) {
    return forward ? new Window.After(border) : new Window.Before(border);
  }
}
