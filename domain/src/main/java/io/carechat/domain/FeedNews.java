package io.carechat.domain;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What {@link LogTail} has told of one feed, for all who follow it. Those who stand at the same
 * place read what comes next once for all of them.
 */
final class FeedNews {
  /** What many follow closely comes in small lots; a large one is not worth keeping. */
  private static final int SHARED = 16;

  private final Feed feed;
  private final LogTail tail;
  private final InstanceEvents log;
  private final Semaphore reads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ReentrantLock reading = new ReentrantLock();
  private volatile LogPosition told = LogPosition.START;
  private volatile @Nullable Lot last;

  private final AtomicInteger followers = new AtomicInteger();

  /**
   * What a read gave.
   *
   * @param told what had been told before it began, and so is in it
   */
  private record Lot(LogPosition after, int limit, LogPosition told, List<LoggedEvent> events) {
    boolean answers(LogPosition asked, int askedLimit, LogPosition toldToAsker) {
      return after.equals(asked)
          && limit == askedLimit
          && (events.size() == limit || told.compareTo(toldToAsker) >= 0);
    }
  }

  FeedNews(Feed feed, LogTail tail, InstanceEvents log, Semaphore reads) {
    this.feed = feed;
    this.tail = tail;
    this.log = log;
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
   */
  List<LoggedEvent> read(LogPosition after, int limit, LogPosition toldToAsker)
      throws InterruptedException {
    Lot shared = last;
    if (shared != null && shared.answers(after, limit, toldToAsker)) {
      return shared.events();
    }
    reading.lockInterruptibly();
    try {
      shared = last;
      if (shared != null && shared.answers(after, limit, toldToAsker)) {
        return shared.events();
      }
      LogPosition before = told;
      List<LoggedEvent> events = readLog(after, limit);
      last =
          followers.get() > 1 && events.size() <= SHARED
              ? new Lot(after, limit, before, events)
              : null;
      return events;
    } finally {
      reading.unlock();
    }
  }

  private List<LoggedEvent> readLog(LogPosition after, int limit) throws InterruptedException {
    reads.acquire();
    try {
      return switch (feed) {
        case Feed.OfInstance(TenantInstance place) -> log.read(place, after, limit);
        case Feed.OfChat(ChatId chat) -> log.read(chat, after, limit);
      };
    } finally {
      reads.release();
    }
  }
}
