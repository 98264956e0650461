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
 * Reads feeds from the log with bounded memory: it limits the number of concurrent readers, and the
 * number of events and the length of the texts that each one holds. Without the limit on text, a
 * client that stops reading could make the service hold many long messages. Safe for use by many
 * threads. Every method that reads may throw {@link Unavailable}.
 */
final class FeedReadLimiter {
  /** The number of events in the first read, when it is not known yet how large they are. */
  static final int BATCH_SIZE = 100;

  /** As long as any other request waits for a database connection. */
  private static final Duration PERMIT_TIMEOUT = Duration.ofMillis(800);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final InstanceEvents log;
  private final Semaphore permits;
  private final AtomicLong failures = new AtomicLong();

  /**
   * @param log the log
   * @param maxReaders how many readers that follow a feed may read at once, 1 or more
   */
  FeedReadLimiter(InstanceEvents log, int maxReaders) {
    this.log = log;
    this.permits = new Semaphore(maxReaders, true);
  }

  /**
   * Reads for an ordinary request. It needs no permit and does not wait for readers that follow a
   * feed.
   */
  FeedBatch readNow(Feed feed, FeedBatch.Request request) {
    return read(feed, request, BATCH_SIZE);
  }

  /**
   * Reads for a reader that follows a feed, after it has got a permit. If the log becomes
   * unavailable for another reader while this one waits, this one fails too and does not read the
   * log itself.
   *
   * @param batchSize the number of events to read first, 1 or more
   */
  FeedBatch readWithPermit(Feed feed, FeedBatch.Request request, int batchSize) {
    long before = failures.get();
    try {
      if (!permits.tryAcquire(PERMIT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Unavailable(
            "The limit of concurrent reads of the event log is reached", RETRY_AFTER);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable(
          "The wait for a turn to read the event log was interrupted", RETRY_AFTER, e);
    }
    try {
      if (failures.get() != before) {
        throw new Unavailable("The event log was unavailable for another reader", RETRY_AFTER);
      }
      return readCountingFailures(feed, request, batchSize);
    } finally {
      permits.release();
    }
  }

  private FeedBatch readCountingFailures(Feed feed, FeedBatch.Request request, int batchSize) {
    try {
      return read(feed, request, batchSize);
    } catch (Unavailable e) {
      failures.incrementAndGet();
      throw e;
    }
  }

  private FeedBatch read(Feed feed, FeedBatch.Request request, int firstBatchSize) {
    var events = new ArrayList<LoggedEvent>();
    long textLength = 0;
    LogPosition position = request.after();
    long batchSize = firstBatchSize;
    while (true) {
      int wanted = Math.clamp(batchSize, 1, request.limit() - events.size());
      List<LoggedEvent> next = read(feed, position, wanted);
      for (LoggedEvent logged : next) {
        textLength += FeedBatch.textLength(logged.event());
        if (textLength > request.maxText() && !events.isEmpty()) {
          return new FeedBatch(events, true);
        }
        events.add(logged);
      }
      if (next.size() < wanted || events.size() == request.limit()) {
        return new FeedBatch(events, next.size() == wanted);
      }
      position = events.getLast().position();
      // Read as many more as fit into the remaining text, if they are as long as those before.
      batchSize = (request.maxText() - textLength) * events.size() / Math.max(1, textLength);
    }
  }

  private List<LoggedEvent> read(Feed feed, LogPosition after, int limit) {
    return switch (feed) {
      case Feed.OfInstance(TenantInstance instance) -> log.read(instance, after, limit);
      case Feed.OfChat(ChatId chat) -> log.read(chat, after, limit);
    };
  }
}
