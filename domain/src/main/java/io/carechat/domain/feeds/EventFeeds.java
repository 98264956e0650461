package io.carechat.domain.feeds;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The event log for those outside: pulled, or followed as it grows. Safe for use by many threads.
 * Every method may throw {@link Unavailable}.
 */
public final class EventFeeds {
  /** How many events are read at once at most. */
  public static final int MAX_LIMIT = 500;

  /**
   * How long the texts of a page's messages may be together, in UTF-16 code units. A page that
   * would have more is shorter than its limit.
   */
  static final int MAX_TEXT = 262_144;

  private final LogFollower tail;

  public EventFeeds(LogFollower tail) {
    this.tail = tail;
  }

  /**
   * The next events of a feed: fewer than the limit if there are no more, or if their messages are
   * very long. Without waiting it is a read like any other, which no follower of events holds up.
   *
   * @param after what was read last, {@link LogPosition#START} to begin at the beginning; null for
   *     the end, from where only what comes later is read
   * @param limit 1 to {@value #MAX_LIMIT}
   * @param wait how long to wait for events if there are none
   * @throws IllegalArgumentException if the limit is out of bounds
   * @throws AccessDenied if the caller may not read the feed
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  public FeedPage read(
      Caller caller, Feed feed, @Nullable LogPosition after, int limit, Duration wait)
      throws InterruptedException {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT);
    }
    feed.requireFor(caller);
    if (!wait.isPositive()) {
      return pageNow(feed, after, limit);
    }
    try (FeedReader reader = open(feed, after)) {
      LogPosition from = reader.position();
      List<LoggedEvent> found = reader.next(limit + 1, MAX_TEXT, wait);
      return page(found, reader.mayBeMore(), limit, from);
    }
  }

  private FeedPage pageNow(Feed feed, @Nullable LogPosition after, int limit) {
    if (after == null) {
      return new FeedPage(List.of(), tail.end(), false);
    }
    FeedBatch lot = tail.reads().now(feed, new FeedBatch.Asked(after, limit + 1, MAX_TEXT));
    return page(lot.events(), lot.mayBeMore(), limit, after);
  }

  /**
   * @param found one more than is wanted tells whether there are more
   * @param cutOrFull whether there are more than were found, or may be
   */
  private static FeedPage page(
      List<LoggedEvent> found, boolean cutOrFull, int limit, LogPosition from) {
    List<LoggedEvent> events = found.size() > limit ? found.subList(0, limit) : found;
    return new FeedPage(events, events.isEmpty() ? from : events.getLast().position(), cutOrFull);
  }

  /**
   * Opens a feed, to be read on and on.
   *
   * @param after what was read last; null for the end, from where only what comes later is read
   * @throws AccessDenied if the caller may not read the feed
   */
  public FeedReader open(Caller caller, Feed feed, @Nullable LogPosition after) {
    feed.requireFor(caller);
    return open(feed, after);
  }

  private FeedReader open(Feed feed, @Nullable LogPosition after) {
    // Followed before the end is looked up, so that nothing falls in between.
    FeedSubscription news = tail.follow(feed);
    try {
      return after == null ? FeedReader.fromTheEnd(tail, news) : FeedReader.from(after, tail, news);
    } catch (RuntimeException e) {
      tail.leave(news);
      throw e;
    }
  }

  /** Ends all waiting at once and for good, because the service stops. */
  public void endWaiting() {
    tail.close();
  }
}
