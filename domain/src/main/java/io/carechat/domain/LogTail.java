package io.carechat.domain;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
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
public final class LogTail {
  private static final int LOT = 500;

  private final EventLog log;
  private final InstanceEvents feeds;
  private final Semaphore reads;
  private final Map<Feed, FeedNews> waitedFor = new ConcurrentHashMap<>();
  private final ReentrantLock ending = new ReentrantLock();
  private volatile long endLookUps;
  private volatile End lastEnd = new End(0, LogPosition.START);
  private @Nullable LogPosition reached;
  private volatile boolean closed;

  /**
   * Where the log ended.
   *
   * @param lookUp which look-up found it, from 1
   */
  private record End(long lookUp, LogPosition position) {}

  /**
   * @param log where it stands
   * @param feeds where those who wait read
   * @param reads how many of them may read at once, 1 or more; the others wait their turn
   */
  public LogTail(EventLog log, InstanceEvents feeds, int reads) {
    this.log = log;
    this.feeds = feeds;
    this.reads = new Semaphore(reads, true);
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
      latest.put(new Feed.OfInstance(logged.event().place()), logged.position());
      if (logged.event() instanceof ChatEvent ofChat) {
        latest.put(new Feed.OfChat(ofChat.chat()), logged.position());
      }
    }
    latest.forEach((feed, position) -> {
      FeedNews news = waitedFor.get(feed);
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
    waitedFor.values().forEach(FeedNews::wakeAll);
  }

  /** Whether all waiting has ended. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Where the log ends now or a moment later. Many who ask at once, as all do when a node has
   * stopped, are answered by few look-ups.
   */
  LogPosition end() {
    long before = endLookUps;
    ending.lock();
    try {
      if (lastEnd.lookUp() > before) {
        // It began after this was called.
        return lastEnd.position();
      }
      long lookUp = before + 1;
      endLookUps = lookUp;
      lastEnd = new End(lookUp, feeds.end());
      return lastEnd.position();
    } finally {
      ending.unlock();
    }
  }

  /** From now on there is news of a feed; to be left again. */
  FeedNews follow(Feed feed) {
    return waitedFor.compute(
        feed,
        (_, known) -> {
          FeedNews news = known == null ? new FeedNews(feed, this, feeds, reads) : known;
          news.join();
          return news;
        });
  }

  void leave(FeedNews followed) {
    waitedFor.compute(followed.feed(), (_, news) -> followed.leave() ? null : news);
  }
}
