package io.carechat.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Searching in all chats of an instance. As in {@link ChatSearch}, the index proposes, what it has
 * not seen yet is read from the log, every hit is judged by {@link SearchQuery#matches} on the text
 * in the log, and a message that was acknowledged is found by every search that starts afterwards.
 * But an instance is too large to be read whole: without the index, or while it is too far behind,
 * there is no answer.
 *
 * <p>Hits are in the order of {@link TimeAndId}. Pages from newer to older give each hit that was
 * acknowledged before the first of them exactly once, whatever is sent meanwhile. A page towards
 * newer gives what lies after its border. Across chats that is not quite the order of commits: a
 * message whose sending was under way when the border was read may get an earlier place, and is
 * then found by a new search only.
 *
 * <p>Safe for use by many threads. May throw {@link Unavailable}, also when a search takes longer
 * than {@link SearchPace#LONGEST}.
 */
public final class InstanceSearch {
  /** How many events of the instance the index may not have seen. */
  static final int MOST_UNSEEN = 10_000;

  /** Events read from the log at a time. */
  private static final int LOT = 500;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

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
   * A search as a caller asks for it.
   *
   * @param query null to use the token's
   * @param token null for the newest hits
   * @param size null for the token's, or {@link PageSize#DEFAULT} without one
   * @param highlight whether to give {@link PagedMessage#highlights}
   */
  public record Request(
      @Nullable SearchQuery query,
      PageToken.@Nullable InstanceSearch token,
      @Nullable PageSize size,
      SearchFilter filter,
      boolean highlight) {}

  /** A page of hits in the instance, newest first. */
  public SearchResult search(Caller caller, TenantInstance place, Request request) {
    if (!caller.may(Scope.SEARCH_INSTANCE, place)) {
      return new Forbidden(Scope.SEARCH_INSTANCE);
    }
    PageToken.InstanceSearch token = request.token();
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
    InstanceWindow window = token == null ? new InstanceWindow.Newest() : token.window();
    return new SearchResult.Found(page(place, query, request, window, size));
  }

  private MessagePage page(
      TenantInstance place,
      SearchQuery query,
      Request request,
      InstanceWindow window,
      PageSize size) {
    // One more than the page holds tells whether there are more in its direction.
    var pace = new SearchPace(nanoTime);
    List<Message> hits = hits(place, query, request.filter(), window, size.value() + 1, pace);
    List<Message> newestFirst =
        hits.stream()
            .limit(size.value())
            .sorted(Comparator.comparing(TimeAndId::of).reversed())
            .toList();
    boolean olderExist = hits.size() > size.value();
    if (window instanceof InstanceWindow.After(TimeAndId border)) {
      TimeAndId from = newestFirst.isEmpty() ? border.next() : TimeAndId.of(newestFirst.getLast());
      olderExist =
          !hits(place, query, request.filter(), new InstanceWindow.Before(from), 1, pace).isEmpty();
    }
    TimeAndId newest = newestFirst.isEmpty() ? null : TimeAndId.of(newestFirst.getFirst());
    TimeAndId oldest = newestFirst.isEmpty() ? null : TimeAndId.of(newestFirst.getLast());
    return new MessagePage(
        newestFirst.stream()
            .map(message ->
                PagedMessage.of(
                    message,
                    size,
                    request.highlight() ? query.highlights(message.text()) : List.of()))
            .toList(),
        olderExist ? token(size, query, oldest == null ? older(window) : oldest, true) : null,
        token(size, query, newest == null ? newer(window) : newest, false));
  }

  private static PageToken.InstanceSearch token(
      PageSize size, SearchQuery query, TimeAndId border, boolean before) {
    return PageToken.InstanceSearch.clamped(size, border, query.text(), before);
  }

  // As Borders has it: an empty page lies right behind the border that led to it, and coming back
  // from there must find the border's own message again.

  private static TimeAndId older(InstanceWindow window) {
    return switch (window) {
      case InstanceWindow.Newest() -> TimeAndId.startOf(Instant.EPOCH);
      case InstanceWindow.Before(TimeAndId border) -> border;
      case InstanceWindow.After(TimeAndId border) -> border.next();
    };
  }

  private static TimeAndId newer(InstanceWindow window) {
    return switch (window) {
      case InstanceWindow.Newest() -> TimeAndId.startOf(Instant.EPOCH);
      case InstanceWindow.Before(TimeAndId border) -> border.previous();
      case InstanceWindow.After(TimeAndId border) -> border;
    };
  }

  /** Up to {@code limit} hits, those nearest to the window's border first. */
  private List<Message> hits(
      TenantInstance place,
      SearchQuery query,
      SearchFilter filter,
      InstanceWindow window,
      int limit,
      SearchPace pace) {
    if (query.isEmpty()) {
      return List.of();
    }
    pace.begin(limit);
    boolean forward = window instanceof InstanceWindow.After;
    var nearest = new NearestHits(query, filter, forward, limit);
    // The index before the log: what is logged in between is then read from the log.
    MessageIndex.InstanceProposals proposals =
        index.proposeInInstance(place, query, filter, window, pace.nextProposals());
    LogPosition seen = proposals.upTo();
    addLoggedAfter(seen, place, window, nearest);
    while (true) {
      List<MessageIndex.InstanceProposal> proposed = proposals.nearestFirst();
      for (int judged = 0;
          judged < proposed.size() && !nearest.isBeyondTheLast(proposed.get(judged).place()); ) {
        List<MessageIndex.InstanceProposal> next =
            proposed.subList(judged, Math.min(judged + pace.nextTexts(), proposed.size()));
        log.findAll(place, next.stream().map(MessageIndex.InstanceProposal::message).toList())
            .forEach(nearest::add);
        judged += next.size();
      }
      if (!proposals.more() || nearest.isBeyondTheLast(proposed.getLast().place())) {
        return nearest.nearestFirst();
      }
      TimeAndId furthest = proposed.getLast().place();
      proposals =
          index.proposeInInstance(
              place,
              query,
              filter,
              forward ? new InstanceWindow.After(furthest) : new InstanceWindow.Before(furthest),
              pace.nextProposals());
      if (proposals.upTo().compareTo(seen) < 0) {
        // Another index took its place, and has seen less.
        seen = proposals.upTo();
        addLoggedAfter(seen, place, window, nearest);
      }
    }
  }

  private void addLoggedAfter(
      LogPosition position, TenantInstance place, InstanceWindow window, NearestHits nearest) {
    LogPosition at = position;
    for (int count = 0; count <= MOST_UNSEEN; count += LOT) {
      List<LoggedEvent> lot = log.readLoggedAfter(at, place, LOT);
      for (LoggedEvent logged : lot) {
        switch (logged.event()) {
          case ChatEvent.MessageSent(Message message) -> {
            if (window.contains(TimeAndId.of(message))) {
              nearest.add(message);
            }
          }
          // Nothing that could be searched for.
          case ChatEvent.ChatRead chatRead -> {}
          case InstanceEvent.EndpointDisabled disabled -> {}
        }
      }
      if (lot.size() < LOT) {
        return;
      }
      at = lot.getLast().position();
    }
    throw new Unavailable("The index has not seen too many events of the instance", RETRY_AFTER);
  }
}
