package io.carechat.domain.feeds;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What {@link LogFollower} has told of one feed, for all who follow it. Those who stand at the same
 * place read what comes next once for all of them, and learn once that it cannot be read now.
 */
final class FeedSubscription {
  /** What many follow closely comes in small lots; a large one is not worth keeping. */
  private static final int KEPT = 16;

  /** In UTF-16 code units. There may be thousands of feeds. */
  private static final int KEPT_TEXT = 8_192;

  private final Feed feed;
  private final LogFollower tail;
  private final FeedReadLimiter reads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<FeedBatch.Asked, SingleFlight<Told>> underWay = new ConcurrentHashMap<>();
  private volatile LogPosition told = LogPosition.START;
  private volatile @Nullable Told last;
  private volatile int lot = FeedReadLimiter.LOT;

  private final AtomicInteger followers = new AtomicInteger();

  /**
   * What a read gave.
   *
   * @param told what had been told before it began, and so is in it
   */
  private record Told(FeedBatch.Asked asked, LogPosition told, FeedBatch lot) {
    boolean answers(FeedBatch.Asked wanted, LogPosition toldToAsker) {
      return asked.equals(wanted) && (lot.mayBeMore() || told.compareTo(toldToAsker) >= 0);
    }
  }

  FeedSubscription(Feed feed, LogFollower tail, FeedReadLimiter reads) {
    this.feed = feed;
    this.tail = tail;
    this.reads = reads;
  }

  Feed feed() {
    return feed;
  }

  void join() {
    followers.incrementAndGet();
  }

  /** Whether nobody follows any more. */
  boolean leave() {
    return followers.decrementAndGet() == 0;
  }

  /** Everything that can be read of the feed is at or before this, as far as is known. */
  LogPosition told() {
    return told;
  }

  void announce(LogPosition position) {
    lock.lock();
    try {
      told = position;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void wakeAll() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until something after a position was told.
   *
   * @param nanos how long at most
   * @return how much of the time is left; 0 or less if it is over, or no news will come
   */
  long await(LogPosition seen, long nanos) throws InterruptedException {
    long left = nanos;
    lock.lockInterruptibly();
    try {
      while (left > 0 && told.compareTo(seen) <= 0) {
        if (tail.isClosed()) {
          return 0;
        }
        left = changed.awaitNanos(left);
      }
      return left;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next events.
   *
   * @param toldToAsker what must be in it
   * @throws Unavailable if the log is away, or there are too many who read; no later than about two
   *     seconds after this was called
   */
  FeedBatch read(FeedBatch.Asked asked, LogPosition toldToAsker) {
    var mine = new SingleFlight<Told>();
    while (true) {
      Told known = last;
      if (known != null && known.answers(asked, toldToAsker)) {
        return known.lot();
      }
      SingleFlight<Told> another = underWay.putIfAbsent(asked, mine);
      if (another == null) {
        try {
          return mine.take(() -> readLog(asked)).lot();
        } finally {
          underWay.remove(asked, mine);
        }
      }
      known = another.await();
      if (known.answers(asked, toldToAsker)) {
        return known.lot();
      }
      // It began before what was told to the asker; the next one does not.
      underWay.remove(asked, another);
    }
  }

  private Told readLog(FeedBatch.Asked asked) {
    LogPosition before = told;
    FeedBatch read = reads.inTurn(feed, asked, lot);
    var seen = new Told(asked, before, read);
    boolean worthKeeping = read.events().size() <= KEPT && read.text() <= KEPT_TEXT;
    last = followers.get() > 1 && worthKeeping ? seen : null;
    // Where messages are so long that a lot is cut short, no more are read than will be given.
    boolean cut = read.mayBeMore() && read.events().size() < asked.limit();
    lot = cut ? read.events().size() + 1 : Math.min(FeedReadLimiter.LOT, lot * 2);
    return seen;
  }
}
