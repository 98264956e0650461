package io.carechat.domain.search.index;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import java.util.function.LongConsumer;

/**
 * Fills a new index from the log, and then lets it replace the index that is searched. Messages can
 * be sent and searched meanwhile. If the process is killed at any moment, the searched index stays
 * as it was. The next run removes the unfinished index.
 */
public final class Reindexing {
  private final EventLog events;
  private final int batchSize;

  /**
   * @param events the log
   * @param batchSize how many events are indexed at a time, 1 or more
   */
  public Reindexing(EventLog events, int batchSize) {
    this.events = events;
    this.batchSize = batchSize;
  }

  /**
   * Fills the index and lets it take over.
   *
   * @param rebuild the new index
   * @param progress is called after each batch with the number of events that are indexed so far
   * @throws Unavailable if the log or the index is unavailable
   */
  public IndexRebuild.Outcome run(IndexRebuild rebuild, LongConsumer progress) {
    var follower = new IndexFollower(events, rebuild, batchSize);
    long done = 0;
    int indexed;
    do {
      try {
        indexed = follower.step();
      } catch (Unavailable e) {
        if (rebuild.isSuperseded()) {
          return new IndexRebuild.Outcome.Superseded();
        }
        throw e;
      }
      done += indexed;
      progress.accept(done);
    } while (indexed == batchSize);
    return rebuild.takeOver();
  }
}
