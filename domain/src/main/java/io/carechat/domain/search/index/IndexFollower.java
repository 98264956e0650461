package io.carechat.domain.search.index;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings the index up to the log. Where the index stands is recorded in the index itself, so that
 * one which lost its data is filled again from the start. For one thread; several followers of one
 * index do each other's work again, and no harm.
 */
public final class IndexFollower {
  private final EventLog events;
  private final FollowedIndex index;
  private final int lot;
  private volatile @Nullable LogPosition reached;

  /**
   * @param lot how many events are indexed at a time, 1 or more
   */
  public IndexFollower(EventLog events, FollowedIndex index, int lot) {
    this.events = events;
    this.index = index;
    this.lot = lot;
  }

  /**
   * Since when events wait to be indexed: when the oldest of them happened. Empty if none do, or if
   * it is not known yet where the index stands. May be called by any thread.
   *
   * @throws Unavailable if the log is away
   */
  public Optional<Instant> waitingSince() {
    LogPosition at = reached;
    return at == null
        ? Optional.empty()
        : events.read(at, 1).stream().map(logged -> logged.event().at()).findFirst();
  }

  /**
   * Indexes the next lot of events.
   *
   * @return how many there were; 0 means that the index is up to date
   * @throws Unavailable if the log or the index is away; nothing is lost by it
   */
  public int step() {
    LogPosition indexed = index.indexedUpTo();
    reached = indexed;
    List<LoggedEvent> next = events.read(indexed, lot);
    if (next.isEmpty()) {
      return 0;
    }
    var messages = new ArrayList<Message>();
    for (LoggedEvent logged : next) {
      switch (logged.event()) {
        case ChatEvent.MessageSent(Message message) -> messages.add(message);
        // Nothing that could be searched for.
        case ChatEvent.ChatRead read -> {}
        case InstanceEvent.EndpointDisabled disabled -> {}
      }
    }
    index.index(indexed, messages, next.getLast().position());
    reached = next.getLast().position();
    return next.size();
  }
}
