package io.carechat.domain.feeds;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads feeds from the log, never more at a time than is bounded, in number and in text: what
 * somebody holds who then stands still must not depend on how long people's messages are. Safe for
 * use by many threads. Every method may throw {@link Unavailable}.
 */
final class FeedReadLimiter {
  /** Events read at a time, before it is known how large they are. */
  static final int LOT = 100;

  /** As long as any request waits in line for a connection. */
  private static final Duration LINE = Duration.ofMillis(800);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final InstanceEvents log;
  private final Semaphore free;
  private final AtomicLong failures = new AtomicLong();

  /**
   * @param followers how many of those who follow a feed may read at once, 1 or more
   */
  FeedReadLimiter(InstanceEvents log, int followers) {
    this.log = log;
    this.free = new Semaphore(followers, true);
  }

  /** Reads for a request, which waits for none of those who follow. */
  FeedBatch now(Feed feed, FeedBatch.Asked asked) {
    return read(feed, asked, LOT);
  }

  /**
   * Reads for those who follow a feed, in their turn. Who waits for it while another finds that the
   * log is away is told so too, and does not try it again.
   *
   * @param lot how many events to read at first
   */
  FeedBatch inTurn(Feed feed, FeedBatch.Asked asked, int lot) {
    long before = failures.get();
    try {
      if (!free.tryAcquire(LINE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Unavailable("Followers read as much as they may", RETRY_AFTER);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("The wait for one's turn was interrupted", RETRY_AFTER, e);
    }
    try {
      if (failures.get() != before) {
        throw new Unavailable("The log was away for another follower", RETRY_AFTER);
      }
      return readOrTell(feed, asked, lot);
    } finally {
      free.release();
    }
  }

  private FeedBatch readOrTell(Feed feed, FeedBatch.Asked asked, int lot) {
    try {
      return read(feed, asked, lot);
    } catch (Unavailable away) {
      failures.incrementAndGet();
      throw away;
    }
  }

  private FeedBatch read(Feed feed, FeedBatch.Asked asked, int firstLot) {
    var events = new ArrayList<LoggedEvent>();
    long text = 0;
    LogPosition at = asked.after();
    long lot = firstLot;
    while (true) {
      int wanted = Math.clamp(lot, 1, asked.limit() - events.size());
      List<LoggedEvent> next = read(feed, at, wanted);
      for (LoggedEvent logged : next) {
        text += FeedBatch.text(logged.event());
        if (text > asked.text() && !events.isEmpty()) {
          return new FeedBatch(events, true);
        }
        events.add(logged);
      }
      if (next.size() < wanted || events.size() == asked.limit()) {
        return new FeedBatch(events, next.size() == wanted);
      }
      at = events.getLast().position();
      // As many more as there is room for, if they are like these.
      lot = (asked.text() - text) * events.size() / Math.max(1, text);
    }
  }

  private List<LoggedEvent> read(Feed feed, LogPosition after, int limit) {
    return switch (feed) {
      case Feed.OfInstance(TenantInstance instance) -> log.read(instance, after, limit);
      case Feed.OfChat(ChatId chat) -> log.read(chat, after, limit);
    };
  }
}
