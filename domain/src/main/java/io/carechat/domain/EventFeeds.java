package io.carechat.domain;

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

  private final LogTail tail;

  public EventFeeds(LogTail tail) {
    this.tail = tail;
  }

  /**
   * The next events of a feed.
   *
   * @param after what was read last, {@link LogPosition#START} to begin at the beginning; null for
   *     the end, from where only what comes later is read
   * @param limit 1 to {@value #MAX_LIMIT}
   * @param wait how long to wait for events if there are none
   * @throws IllegalArgumentException if the limit is out of bounds
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  public FeedResult read(
      Caller caller, Feed feed, @Nullable LogPosition after, int limit, Duration wait)
      throws InterruptedException {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT);
    }
    return switch (open(caller, feed, after)) {
      case Forbidden forbidden -> forbidden;
      case OpenFeedResult.Opened(FeedReader reader) -> {
        try (reader) {
          LogPosition from = reader.position();
          // One more than is wanted tells whether there are more.
          List<LoggedEvent> found = reader.next(limit + 1, wait);
          boolean more = found.size() > limit;
          List<LoggedEvent> events = more ? found.subList(0, limit) : found;
          yield new FeedResult.Read(
              new FeedPage(events, events.isEmpty() ? from : events.getLast().position(), more));
        }
      }
    };
  }

  /**
   * Opens a feed, to be read on and on.
   *
   * @param after what was read last; null for the end, from where only what comes later is read
   */
  public OpenFeedResult open(Caller caller, Feed feed, @Nullable LogPosition after) {
    if (!feed.isFor(caller)) {
      return new Forbidden(Scope.READ_MESSAGES);
    }
    // Followed before the end is looked up, so that nothing falls in between.
    FeedNews news = tail.follow(feed);
    try {
      return new OpenFeedResult.Opened(
          after == null ? FeedReader.fromTheEnd(tail, news) : FeedReader.from(after, tail, news));
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
