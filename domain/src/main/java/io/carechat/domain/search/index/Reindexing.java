package io.carechat.domain.search.index;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import java.util.function.LongConsumer;

/**
 * Fills an index anew from the log beside the one that is searched, while messages are sent and
 * searched, and then puts it in its place. Killed at any moment it leaves the searched index as it
 * was; what it had filled is removed by the next run.
 */
public final class Reindexing {
  private final EventLog events;
  private final int lot;

  /**
   * @param lot how many events are indexed at a time, 1 or more
   */
  public Reindexing(EventLog events, int lot) {
    this.events = events;
    this.lot = lot;
  }

  /**
   * Fills the index, and lets it take over.
   *
   * @param progress told how many events are indexed, after each lot
   * @throws Unavailable if the log or the index is away
   */
  public IndexRebuild.Outcome run(IndexRebuild rebuild, LongConsumer progress) {
    var follower = new IndexFollower(events, rebuild, lot);
    long done = 0;
    int indexed;
    do {
      try {
        indexed = follower.step();
      } catch (Unavailable away) {
        if (rebuild.isSuperseded()) {
          return new IndexRebuild.Outcome.Superseded();
        }
        throw away;
      }
      done += indexed;
      progress.accept(done);
    } while (indexed == lot);
    return rebuild.takeOver();
  }
}
