package io.carechat.domain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Searching in a chat. A message that was acknowledged is found by every search that starts
 * afterwards: the index proposes, and what it has not seen yet is read from the log; where the
 * index is away, everything is. Every hit is judged by {@link SearchQuery#matches} on the text in
 * the log, so that the answer does not depend on which of them it came from.
 *
 * <p>Safe for use by many threads. May throw {@link Unavailable}, but not because of the index.
 */
public final class ChatSearch {
  /** Messages read from the log at a time. */
  private static final int LOT = 500;

  private final MessageLog log;
  private final MessageIndex index;

  public ChatSearch(MessageLog log, MessageIndex index) {
    this.log = log;
    this.index = index;
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
    List<Message> hits = hits(chat, query, request.filter(), window, size.value() + 1);
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
      olderExist = !hits(chat, query, request.filter(), new Window.Before(from), 1).isEmpty();
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
      ChatId chat, SearchQuery query, SearchFilter filter, Window window, int limit) {
    if (query.isEmpty()) {
      return List.of();
    }
    var scan = new Scan(chat, query, filter, limit);
    try {
      return window instanceof Window.After ? scan.forward(window) : scan.backward(window);
    } catch (IndexAway away) {
      return scan.withoutIndex(window);
    }
  }

  /** Only to tell the index's absence from the log's. */
  private static final class IndexAway extends Exception {
    private static final long serialVersionUID = 1;

    IndexAway(Unavailable cause) {
      super(cause);
    }
  }

  /** One walk through a chat in one direction. */
  private final class Scan {
    private final ChatId chat;
    private final SearchQuery query;
    private final SearchFilter filter;
    private final int limit;

    Scan(ChatId chat, SearchQuery query, SearchFilter filter, int limit) {
      this.chat = chat;
      this.query = query;
      this.filter = filter;
      this.limit = limit;
    }

    List<Message> withoutIndex(Window window) {
      var hits = new ArrayList<Message>();
      scanLog(LogPosition.START, window, hits);
      return hits;
    }

    /** First what the index has not seen, which is newest, then what it proposes. */
    List<Message> backward(Window window) throws IndexAway {
      MessageIndex.Proposals proposals = propose(window);
      var hits = new ArrayList<Message>();
      Instant unseenFrom = scanLog(proposals.upTo(), window, hits);
      addProposed(proposals, false, unseenFrom, hits);
      return hits;
    }

    /** First what the index proposes, up to where what it has not seen begins, then that. */
    List<Message> forward(Window window) throws IndexAway {
      MessageIndex.Proposals proposals = propose(window);
      Slice unseen = log.readLoggedAfter(proposals.upTo(), chat, window, 1);
      var hits = new ArrayList<Message>();
      addProposed(
          proposals,
          true,
          unseen.newestFirst().isEmpty() ? null : unseen.newestFirst().getLast().createdAt(),
          hits);
      if (hits.size() < limit && !unseen.newestFirst().isEmpty()) {
        scanLog(proposals.upTo(), window, hits);
      }
      return hits;
    }

    /**
     * Adds the hits among the messages logged after a position, until there are enough.
     *
     * @return when the oldest message that was read was created; null if there was none
     */
    private @Nullable Instant scanLog(LogPosition after, Window window, List<Message> hits) {
      boolean forward = window instanceof Window.After;
      Window rest = window;
      Instant oldest = null;
      while (true) {
        List<Message> lot = log.readLoggedAfter(after, chat, rest, LOT).newestFirst();
        for (Message message : forward ? lot.reversed() : lot) {
          if (filter.accepts(message) && query.matches(message.text())) {
            hits.add(message);
            if (hits.size() == limit) {
              return oldest;
            }
          }
        }
        if (!lot.isEmpty()) {
          oldest = lot.getLast().createdAt();
        }
        if (lot.size() < LOT) {
          return oldest;
        }
        rest = beyond((forward ? lot.getFirst() : lot.getLast()).createdAt(), forward);
      }
    }

    /**
     * Adds the hits among what the index proposes, until there are enough.
     *
     * @param unseenFrom where the messages begin that the index need not know: what it proposes of
     *     them has gaps, and is left out
     */
    private void addProposed(
        MessageIndex.Proposals first,
        boolean forward,
        @Nullable Instant unseenFrom,
        List<Message> hits)
        throws IndexAway {
      MessageIndex.Proposals proposals = first;
      while (hits.size() < limit && !proposals.nearestFirst().isEmpty()) {
        List<ExternalId> seen =
            proposals.nearestFirst().stream()
                .filter(p -> unseenFrom == null || p.createdAt().isBefore(unseenFrom))
                .map(MessageIndex.Proposal::id)
                .toList();
        Comparator<Message> byTime = Comparator.comparing(Message::createdAt);
        log.findAll(chat, seen).stream()
            .filter(message -> filter.accepts(message) && query.matches(message.text()))
            .sorted(forward ? byTime : byTime.reversed())
            .limit((long) limit - hits.size())
            .forEach(hits::add);
        if (!proposals.more()) {
          return;
        }
        if (hits.size() < limit) {
          proposals = propose(beyond(proposals.nearestFirst().getLast().createdAt(), forward));
        }
      }
    }

    private MessageIndex.Proposals propose(Window window) throws IndexAway {
      try {
        return index.propose(chat, query, filter, window, limit);
      } catch (Unavailable away) {
        throw new IndexAway(away);
      }
    }
  }

  private static Window beyond(Instant border, boolean forward) {
    return forward ? new Window.After(border) : new Window.Before(border);
  }
}
