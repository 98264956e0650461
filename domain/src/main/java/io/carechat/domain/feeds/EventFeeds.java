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
 * Gives callers access to the event log. A caller reads it page by page or follows it as it grows.
 * Safe for use by many threads. Every method that reads may throw {@link Unavailable}.
 */
public final class EventFeeds {
  /** The maximum number of events on a page. */
  public static final int MAX_LIMIT = 500;

  /**
   * The maximum total length of the texts of a page's messages, in UTF-16 code units. If the
   * messages are longer, the page has fewer events than its limit.
   */
  static final int MAX_TEXT = 262_144;

  private final LogFollower follower;

  /**
   * @param follower notifies this object of new events
   */
  public EventFeeds(LogFollower follower) {
    this.follower = follower;
  }

  /**
   * Reads the next events of a feed. The page has fewer events than the limit if there are no more
   * events or if their messages are very long. A call that does not wait is an ordinary read, and
   * never has to wait for readers that follow the log.
   *
   * @param after the position of the last event that the caller has read; {@link LogPosition#START}
   *     to begin with the first event; null to begin at the end of the log, so that only later
   *     events are read
   * @param limit the maximum number of events, 1 to {@value #MAX_LIMIT}
   * @param wait how long to wait for events if there are none yet; zero not to wait
   * @throws IllegalArgumentException if the limit is out of bounds
   * @throws AccessDenied if the caller may not read the feed
   * @throws PositionBeyondLog if the log has not reached the position
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
      return new FeedPage(List.of(), follower.end(), false);
    }
    FeedBatch batch =
        follower.limiter().readNow(feed, new FeedBatch.Request(after, limit + 1, MAX_TEXT));
    if (batch.events().isEmpty()) {
      // After a position that has events, nothing needs to be looked up.
      follower.requireReached(after);
    }
    return page(batch.events(), batch.mayBeMore(), limit, after);
  }

  /**
   * Makes a page.
   *
   * @param found the events that were read, one more than the limit if there are more
   * @param cutOrFull whether the feed has, or may have, more events than were read
   * @param from where the page begins
   */
  private static FeedPage page(
      List<LoggedEvent> found, boolean cutOrFull, int limit, LogPosition from) {
    List<LoggedEvent> events = found.size() > limit ? found.subList(0, limit) : found;
    return new FeedPage(events, events.isEmpty() ? from : events.getLast().position(), cutOrFull);
  }

  /**
   * Opens a reader that follows a feed.
   *
   * @param after the position of the last event that the caller has read; null to begin at the end
   *     of the log, so that only later events are read
   * @throws AccessDenied if the caller may not read the feed
   * @throws PositionBeyondLog if the log has not reached the position
   */
  public FeedReader open(Caller caller, Feed feed, @Nullable LogPosition after) {
    feed.requireFor(caller);
    return open(feed, after);
  }

  private FeedReader open(Feed feed, @Nullable LogPosition after) {
    if (after != null && !after.equals(LogPosition.START)) {
      follower.requireReached(after);
    }
    // Subscribe before looking up the end of the log. Otherwise an event in between would be
    // missed.
    FeedSubscription subscription = follower.subscribe(feed);
    try {
      return after == null
          ? FeedReader.atEnd(follower, subscription)
          : FeedReader.after(after, follower, subscription);
    } catch (RuntimeException e) {
      follower.unsubscribe(subscription);
      throw e;
    }
  }

  /** Ends all waiting, now and in the future, because the service is stopping. */
  public void endWaiting() {
    follower.close();
  }
}
