package io.carechat.domain.feeds;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows the end of the log and notifies the readers of a feed when it has new events. One read of
 * the log serves all waiting readers. A reader that has nothing to read causes no database query of
 * its own.
 *
 * <p>A notification says only that there is something new. Each reader then reads it from the log
 * itself, from its own position. So nothing is buffered for readers. And an error here cannot show
 * events to a reader that may not see them.
 *
 * <p>{@link #step} is for one thread. Everything else is safe for use by many threads.
 */
public final class LogFollower {
  private static final int BATCH_SIZE = 500;

  private final EventLog log;
  private final InstanceEvents feeds;
  private final FeedReadLimiter limiter;
  private final Map<Feed, FeedSubscription> subscriptions = new ConcurrentHashMap<>();
  private final SharedLookup end;
  private final SharedLookup bound;
  private @Nullable LogPosition reached;
  private volatile boolean closed;

  /**
   * @param log the log that is followed
   * @param feeds where the readers of feeds read
   * @param maxReaders how many of them may read at once, 1 or more; the others wait briefly for a
   *     permit
   */
  public LogFollower(EventLog log, InstanceEvents feeds, int maxReaders) {
    this.log = log;
    this.feeds = feeds;
    this.limiter = new FeedReadLimiter(feeds, maxReaders);
    this.end = new SharedLookup(feeds::end);
    this.bound = new SharedLookup(feeds::bound);
  }

  /**
   * Reads the log once and notifies the readers of feeds with new events. Call it whenever
   * something may have happened, and also at regular intervals. Without readers it does nothing.
   *
   * @return whether there may be more events to read at once
   * @throws Unavailable if the log is unavailable; nothing is lost, and the caller may try again
   */
  public boolean step() {
    if (subscriptions.isEmpty()) {
      reached = null;
      return false;
    }
    LogPosition from = reached;
    if (from == null) {
      // A reader that is waiting may have missed an event between its own last read and this one.
      // So notify all readers. A reader that comes later reads later than this.
      LogPosition end = feeds.end();
      reached = end;
      subscriptions.values().forEach(subscription -> subscription.advanceTo(end));
      return false;
    }
    var batch = log.read(from, BATCH_SIZE);
    if (batch.isEmpty()) {
      return false;
    }
    var latest = new HashMap<Feed, LogPosition>();
    for (LoggedEvent logged : batch) {
      latest.put(new Feed.OfInstance(logged.event().instance()), logged.position());
      if (logged.event() instanceof ChatEvent ofChat) {
        latest.put(new Feed.OfChat(ofChat.chat()), logged.position());
      }
    }
    latest.forEach((feed, position) -> {
      FeedSubscription subscription = subscriptions.get(feed);
      if (subscription != null) {
        subscription.advanceTo(position);
      }
    });
    reached = batch.getLast().position();
    return batch.size() == BATCH_SIZE;
  }

  /** Ends all waiting for good, because the service is stopping. */
  public void close() {
    closed = true;
    subscriptions.values().forEach(FeedSubscription::wakeAll);
  }

  /** Returns whether all waiting has ended. */
  boolean isClosed() {
    return closed;
  }

  /** Returns the reader of the log for callers that do not wait. */
  FeedReadLimiter limiter() {
    return limiter;
  }

  /**
   * Returns the end of the log, as it is now or a moment later. Many readers ask for it at once
   * when another node has stopped. They share a few lookups. If the log is unavailable, they all
   * fail together.
   *
   * @throws Unavailable if the log is unavailable, after at most some seconds
   */
  LogPosition end() {
    return end.get();
  }

  /**
   * Checks that the log may have given this position to a reader. Lookups are shared as for the end
   * of the log.
   *
   * @throws PositionBeyondLog if the log has not reached the position
   * @throws Unavailable if the log is unavailable, after at most some seconds
   */
  void requireReached(LogPosition position) {
    if (position.compareTo(bound.get()) >= 0) {
      throw new PositionBeyondLog();
    }
  }

  /** A position that many threads look up at once, each as it is at that moment or later. */
  private static final class SharedLookup {
    private final Supplier<LogPosition> lookup;
    private final AtomicReference<@Nullable SingleFlight<LogPosition>> running =
        new AtomicReference<>();

    SharedLookup(Supplier<LogPosition> lookup) {
      this.lookup = lookup;
    }

    LogPosition get() {
      SingleFlight<LogPosition> earlier = running.get();
      if (earlier != null) {
        // Its result may be older than this call. But if it fails, another lookup would fail too.
        LogPosition _ = earlier.await();
      }
      var own = new SingleFlight<LogPosition>();
      while (true) {
        SingleFlight<LogPosition> current = running.get();
        if (current != null && current != earlier) {
          return current.await();
        }
        if (running.compareAndSet(current, own)) {
          try {
            return own.run(lookup);
          } finally {
            running.compareAndSet(own, null);
          }
        }
      }
    }
  }

  /**
   * Adds a reader to a feed. From now on the subscription is notified of new events. The reader
   * must call {@link #unsubscribe} when it ends.
   */
  FeedSubscription subscribe(Feed feed) {
    return subscriptions.compute(
        feed,
        (_, known) -> {
          FeedSubscription subscription =
              known == null ? new FeedSubscription(feed, this, limiter) : known;
          subscription.join();
          return subscription;
        });
  }

  /** Removes a reader from a feed. */
  void unsubscribe(FeedSubscription left) {
    subscriptions.compute(left.feed(), (_, subscription) -> left.leave() ? null : subscription);
  }
}
