package io.carechat.domain;

import java.time.Duration;
import java.util.List;

/**
 * Reads on in a feed, waiting for what is not there yet. It has nothing but its place in the log:
 * one that is slow, or stops for a while, loses nothing and costs nothing. For one thread.
 */
public final class FeedReader implements AutoCloseable {
  private final LogTail tail;
  private final FeedNews news;
  private LogPosition position;
  private LogPosition seen;
  private boolean mayBeMore;

  private FeedReader(LogTail tail, FeedNews news, LogPosition position, boolean mayBeMore) {
    this.tail = tail;
    this.news = news;
    this.position = position;
    this.seen = position;
    this.mayBeMore = mayBeMore;
  }

  /** Goes on behind what was read last. */
  static FeedReader from(LogPosition position, LogTail tail, FeedNews news) {
    return new FeedReader(tail, news, position, true);
  }

  /**
   * Begins at the log's end.
   *
   * @param news already followed: what comes behind the end will be told
   */
  static FeedReader fromTheEnd(LogTail tail, FeedNews news) {
    return new FeedReader(tail, news, tail.end(), false);
  }

  /** The place behind all that was read. */
  public LogPosition position() {
    return position;
  }

  /** Whether no news will come any more, because the service stops. */
  public boolean isOver() {
    return tail.isClosed();
  }

  /**
   * The next events in the log's order: as soon as there are some, or none when the time is over.
   *
   * @param limit 1 or more
   * @param wait how long to wait; zero looks once
   * @throws Unavailable if the log is away; its place stays, and it can be asked again
   */
  public List<LoggedEvent> next(int limit, Duration wait) throws InterruptedException {
    long left = wait.toNanos();
    while (true) {
      LogPosition told = news.told();
      if (mayBeMore || told.compareTo(seen) > 0) {
        List<LoggedEvent> events = news.read(position, limit, told);
        mayBeMore = events.size() == limit;
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
