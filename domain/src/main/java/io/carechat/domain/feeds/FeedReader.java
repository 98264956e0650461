package io.carechat.domain.feeds;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.time.Duration;
import java.util.List;

/**
 * Reads a feed continuously and waits for new events. Its only state is its position in the log. So
 * a slow or paused reader loses no events and takes up no memory for them. For use by one thread.
 */
public final class FeedReader implements AutoCloseable {
  private final LogFollower follower;
  private final FeedSubscription subscription;
  private LogPosition position;
  private LogPosition checkedUpTo;
  private boolean mayBeMore;

  private FeedReader(
      LogFollower follower,
      FeedSubscription subscription,
      LogPosition position,
      boolean mayBeMore) {
    this.follower = follower;
    this.subscription = subscription;
    this.position = position;
    this.checkedUpTo = position;
    this.mayBeMore = mayBeMore;
  }

  /** Makes a reader that begins after a position. */
  static FeedReader after(
      LogPosition position, LogFollower follower, FeedSubscription subscription) {
    return new FeedReader(follower, subscription, position, true);
  }

  /**
   * Makes a reader that begins at the end of the log.
   *
   * @param subscription already active, so that it is notified of every event after the end
   */
  static FeedReader atEnd(LogFollower follower, FeedSubscription subscription) {
    return new FeedReader(follower, subscription, follower.end(), false);
  }

  /** Returns the position of the last event that was read, or where the reader began. */
  public LogPosition position() {
    return position;
  }

  /** Returns whether the last read may have left events unread. */
  boolean mayBeMore() {
    return mayBeMore;
  }

  /** Returns whether waiting has ended because the service is stopping. */
  public boolean isStopping() {
    return follower.isClosed();
  }

  /**
   * Returns the next events in the order of the log. It returns as soon as there are some. It
   * returns an empty list when the time is over or the service is stopping.
   *
   * @param limit the maximum number of events, 1 or more
   * @param maxText the maximum total length of the texts of their messages, in UTF-16 code units.
   *     The first event is returned even if its text is longer.
   * @param wait how long to wait; zero to read at most once
   * @throws Unavailable if the log is unavailable, at most about two seconds after a read began.
   *     The position stays the same, and the caller may try again.
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  public List<LoggedEvent> next(int limit, int maxText, Duration wait) throws InterruptedException {
    long left = wait.toNanos();
    while (true) {
      LogPosition notified = subscription.notifiedUpTo();
      if (mayBeMore || notified.compareTo(checkedUpTo) > 0) {
        FeedBatch batch =
            subscription.read(new FeedBatch.Request(position, limit, maxText), notified);
        List<LoggedEvent> events = batch.events();
        mayBeMore = batch.mayBeMore();
        if (!events.isEmpty()) {
          position = events.getLast().position();
        }
        // Events that were notified meanwhile may already be among these events.
        checkedUpTo = position.compareTo(notified) > 0 ? position : notified;
        if (!events.isEmpty()) {
          return events;
        }
      }
      if (left > 0) {
        left = subscription.await(checkedUpTo, left);
      }
      if (left <= 0) {
        return List.of();
      }
    }
  }

  /** Ends the subscription. */
  @Override
  public void close() {
    follower.unsubscribe(subscription);
  }
}
