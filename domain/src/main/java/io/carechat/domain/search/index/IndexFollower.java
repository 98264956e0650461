package io.carechat.domain.search.index;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Indexes the events of the log as they come. The index itself records how far it has come. So an
 * index that has lost its data is filled again from the start. For use by one thread. If several
 * followers work on one index, they repeat each other's work but do no harm.
 */
public final class IndexFollower {
  private final EventLog events;
  private final FollowedIndex index;
  private final int batchSize;
  private volatile @Nullable LogPosition indexedUpTo;

  /**
   * @param events the log
   * @param index the index to fill
   * @param batchSize how many events are indexed at a time, 1 or more
   */
  public IndexFollower(EventLog events, FollowedIndex index, int batchSize) {
    this.events = events;
    this.index = index;
    this.batchSize = batchSize;
  }

  /**
   * Returns when the oldest event that is not indexed yet happened. The result is empty if all
   * events are indexed, or before the first {@link #step}. It may be called by any thread.
   *
   * @throws Unavailable if the log is unavailable
   */
  public Optional<Instant> waitingSince() {
    LogPosition from = indexedUpTo;
    return from == null
        ? Optional.empty()
        : events.read(from, 1).stream().map(logged -> logged.event().at()).findFirst();
  }

  /**
   * Indexes the next batch of events.
   *
   * @return how many events there were; 0 means that the index is up to date
   * @throws Unavailable if the log or the index is unavailable; nothing is lost, and the caller may
   *     try again
   */
  public int step() {
    LogPosition indexed = index.indexedUpTo();
    indexedUpTo = indexed;
    List<LoggedEvent> next = events.read(indexed, batchSize);
    if (next.isEmpty()) {
      return 0;
    }
    index.index(indexed, IndexedMessages.of(next), next.getLast().position());
    indexedUpTo = next.getLast().position();
    return next.size();
  }
}
