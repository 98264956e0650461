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
import org.jspecify.annotations.Nullable;

/**
 * Stands at the end of the log, and tells those who wait for news of a feed that there are some.
 * One look at the log serves all who wait, however many: whoever has nothing to read asks the
 * database nothing. What is told is only that there is something; each then reads it from the log
 * from where they stand, so that nothing is kept for anybody, and nobody can be shown what they may
 * not see by a mistake here.
 *
 * <p>{@link #step} is for one thread; everything else is safe for use by many.
 */
public final class LogFollower {
  private static final int LOT = 500;

  private final EventLog log;
  private final InstanceEvents feeds;
  private final FeedReadLimiter reads;
  private final Map<Feed, FeedSubscription> waitedFor = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable SingleFlight<LogPosition>> endLookUp =
      new AtomicReference<>();
  private @Nullable LogPosition reached;
  private volatile boolean closed;

  /**
   * @param log where it stands
   * @param feeds where those who wait read
   * @param reads how many of them may read at once, 1 or more; the others wait their turn, but not
   *     for long
   */
  public LogFollower(EventLog log, InstanceEvents feeds, int reads) {
    this.log = log;
    this.feeds = feeds;
    this.reads = new FeedReadLimiter(feeds, reads);
  }

  /**
   * Looks at the log once, and tells of what is new. To be called whenever something may have
   * happened, and now and then anyway. Without anybody who waits it does nothing.
   *
   * @return whether there may be more at once
   * @throws Unavailable if the log is away; nothing is lost by it
   */
  public boolean step() {
    if (waitedFor.isEmpty()) {
      reached = null;
      return false;
    }
    LogPosition from = reached;
    if (from == null) {
      // Between a waiting one's last look and this there may have been something. Whoever comes
      // later looks later than this.
      LogPosition end = feeds.end();
      reached = end;
      waitedFor.values().forEach(news -> news.announce(end));
      return false;
    }
    var lot = log.read(from, LOT);
    if (lot.isEmpty()) {
      return false;
    }
    var latest = new HashMap<Feed, LogPosition>();
    for (LoggedEvent logged : lot) {
      latest.put(new Feed.OfInstance(logged.event().instance()), logged.position());
      if (logged.event() instanceof ChatEvent ofChat) {
        latest.put(new Feed.OfChat(ofChat.chat()), logged.position());
      }
    }
    latest.forEach((feed, position) -> {
      FeedSubscription news = waitedFor.get(feed);
      if (news != null) {
        news.announce(position);
      }
    });
    reached = lot.getLast().position();
    return lot.size() == LOT;
  }

  /** Ends all waiting, for good: the service stops. */
  public void close() {
    closed = true;
    waitedFor.values().forEach(FeedSubscription::wakeAll);
  }

  /** Whether all waiting has ended. */
  boolean isClosed() {
    return closed;
  }

  /** How feeds are read by those who do not wait. */
  FeedReadLimiter reads() {
    return reads;
  }

  /**
   * Where the log ends now or a moment later. Many who ask at once, as all do when a node has
   * stopped, are answered by few look-ups, and told together when the log is away.
   *
   * @throws Unavailable if the log is away, within some seconds
   */
  LogPosition end() {
    SingleFlight<LogPosition> earlier = endLookUp.get();
    if (earlier != null) {
      // What it finds may be from before this was called. But if it fails, so would another.
      LogPosition _ = earlier.await();
    }
    var mine = new SingleFlight<LogPosition>();
    while (true) {
      SingleFlight<LogPosition> current = endLookUp.get();
      if (current != null && current != earlier) {
        return current.await();
      }
      if (endLookUp.compareAndSet(current, mine)) {
        try {
          return mine.take(feeds::end);
        } finally {
          endLookUp.compareAndSet(mine, null);
        }
      }
    }
  }

  /** From now on there is news of a feed; to be left again. */
  FeedSubscription follow(Feed feed) {
    return waitedFor.compute(
        feed,
        (_, known) -> {
          FeedSubscription news = known == null ? new FeedSubscription(feed, this, reads) : known;
          news.join();
          return news;
        });
  }

  void leave(FeedSubscription followed) {
    waitedFor.compute(followed.feed(), (_, news) -> followed.leave() ? null : news);
  }
}
