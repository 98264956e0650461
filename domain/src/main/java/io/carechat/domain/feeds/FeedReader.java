package io.carechat.domain.feeds;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.time.Duration;
import java.util.List;

/**
 * Reads on in a feed, waiting for what is not there yet. It has nothing but its place in the log:
 * one that is slow, or stops for a while, loses nothing and costs nothing. For one thread.
 */
public final class FeedReader implements AutoCloseable {
  private final LogFollower tail;
  private final FeedSubscription news;
  private LogPosition position;
  private LogPosition seen;
  private boolean mayBeMore;

  private FeedReader(
      LogFollower tail, FeedSubscription news, LogPosition position, boolean mayBeMore) {
    this.tail = tail;
    this.news = news;
    this.position = position;
    this.seen = position;
    this.mayBeMore = mayBeMore;
  }

  /** Goes on behind what was read last. */
  static FeedReader from(LogPosition position, LogFollower tail, FeedSubscription news) {
    return new FeedReader(tail, news, position, true);
  }

  /**
   * Begins at the log's end.
   *
   * @param news already followed: what comes behind the end will be told
   */
  static FeedReader fromTheEnd(LogFollower tail, FeedSubscription news) {
    return new FeedReader(tail, news, tail.end(), false);
  }

  /** The place behind all that was read. */
  public LogPosition position() {
    return position;
  }

  /** Whether the last events were not all, as far as is known. */
  boolean mayBeMore() {
    return mayBeMore;
  }

  /** Whether no news will come any more, because the service stops. */
  public boolean isOver() {
    return tail.isClosed();
  }

  /**
   * The next events in the log's order: as soon as there are some, or none when the time is over.
   *
   * @param limit how many at most, 1 or more
   * @param text how long the texts of their messages may be together, in UTF-16 code units; one
   *     event is given in any case
   * @param wait how long to wait; zero looks once
   * @throws Unavailable if the log is away, within about two seconds; its place stays, and it can
   *     be asked again
   */
  public List<LoggedEvent> next(int limit, int text, Duration wait) throws InterruptedException {
    long left = wait.toNanos();
    while (true) {
      LogPosition told = news.told();
      if (mayBeMore || told.compareTo(seen) > 0) {
        FeedBatch lot = news.read(new FeedBatch.Asked(position, limit, text), told);
        List<LoggedEvent> events = lot.events();
        mayBeMore = lot.mayBeMore();
        if (!events.isEmpty()) {
          position = events.getLast().position();
        }
        // What was told meanwhile may be among the events, and need not be looked for again.
        seen = position.compareTo(told) > 0 ? position : told;
        if (!events.isEmpty()) {
          return events;
        }
      }
      if (left > 0) {
        left = news.await(seen, left);
      }
      if (left <= 0) {
        return List.of();
      }
    }
  }

  @Override
  public void close() {
    tail.leave(news);
  }
}
