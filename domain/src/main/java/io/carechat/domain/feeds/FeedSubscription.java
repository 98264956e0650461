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
 * Notifies all readers of one feed of new events. Readers that make the same request at the same
 * time share one read of the log. They also share its failure. Safe for use by many threads.
 */
final class FeedSubscription {
  /** Only small batches are cached: many readers that follow closely read few events at a time. */
  private static final int MAX_CACHED_EVENTS = 16;

  /** In UTF-16 code units. It is small because there may be thousands of feeds. */
  private static final int MAX_CACHED_TEXT = 8_192;

  private final Feed feed;
  private final LogFollower follower;
  private final FeedReadLimiter limiter;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<FeedBatch.Request, SingleFlight<ReadResult>> inFlight =
      new ConcurrentHashMap<>();
  private volatile LogPosition notifiedUpTo = LogPosition.START;
  private volatile @Nullable ReadResult cached;
  private volatile int batchSize = FeedReadLimiter.BATCH_SIZE;

  private final AtomicInteger readers = new AtomicInteger();

  /**
   * The result of a read.
   *
   * @param request what was to be read
   * @param complete the position that was notified before the read began. So the read has seen all
   *     events of the feed up to it.
   * @param batch what was read
   */
  private record ReadResult(FeedBatch.Request request, LogPosition complete, FeedBatch batch) {
    boolean answers(FeedBatch.Request wanted, LogPosition required) {
      return request.equals(wanted) && (batch.mayBeMore() || complete.compareTo(required) >= 0);
    }
  }

  FeedSubscription(Feed feed, LogFollower follower, FeedReadLimiter limiter) {
    this.feed = feed;
    this.follower = follower;
    this.limiter = limiter;
  }

  Feed feed() {
    return feed;
  }

  /** Adds a reader. */
  void join() {
    readers.incrementAndGet();
  }

  /** Removes a reader, and returns whether it was the last one. */
  boolean leave() {
    return readers.decrementAndGet() == 0;
  }

  /** Returns the last known position of the feed: no known event of the feed is after it. */
  LogPosition notifiedUpTo() {
    return notifiedUpTo;
  }

  /** Notifies all readers that the feed may have events up to a position. */
  void advanceTo(LogPosition position) {
    lock.lock();
    try {
      notifiedUpTo = position;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all readers, so that they see whether the service is stopping. */
  void wakeAll() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is a notification of something after a position.
   *
   * @param checkedUpTo the position up to which the reader knows the feed
   * @param nanos the maximum time to wait
   * @return the time that is left; 0 or less if it is over or the service is stopping
   */
  long await(LogPosition checkedUpTo, long nanos) throws InterruptedException {
    long left = nanos;
    lock.lockInterruptibly();
    try {
      while (left > 0 && notifiedUpTo.compareTo(checkedUpTo) <= 0) {
        if (follower.isClosed()) {
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
   * Reads the next events.
   *
   * @param required the position up to which the read must see all events of the feed
   * @throws Unavailable if the log is unavailable or too many readers read at once. It is thrown at
   *     most about two seconds after the call.
   */
  FeedBatch read(FeedBatch.Request request, LogPosition required) {
    var own = new SingleFlight<ReadResult>();
    while (true) {
      ReadResult known = cached;
      if (known != null && known.answers(request, required)) {
        return known.batch();
      }
      SingleFlight<ReadResult> other = inFlight.putIfAbsent(request, own);
      if (other == null) {
        try {
          return own.run(() -> readLog(request)).batch();
        } finally {
          inFlight.remove(request, own);
        }
      }
      known = other.await();
      if (known.answers(request, required)) {
        return known.batch();
      }
      // The other read began before the required position was notified. A new read begins after it.
      inFlight.remove(request, other);
    }
  }

  private ReadResult readLog(FeedBatch.Request request) {
    LogPosition before = notifiedUpTo;
    FeedBatch batch = limiter.readWithPermit(feed, request, batchSize);
    var result = new ReadResult(request, before, batch);
    boolean isSmall =
        batch.events().size() <= MAX_CACHED_EVENTS && batch.textLength() <= MAX_CACHED_TEXT;
    cached = readers.get() > 1 && isSmall ? result : null;
    // If long messages cut the batch short, the next read fetches only about as many events as it
    // can return.
    boolean cut = batch.mayBeMore() && batch.events().size() < request.limit();
    batchSize =
        cut ? batch.events().size() + 1 : Math.min(FeedReadLimiter.BATCH_SIZE, batchSize * 2);
    return result;
  }
}
