package io.carechat.domain.events;

import io.carechat.domain.chat.Unavailable;
import java.util.List;

/**
 * What happened in all instances, in one order. It is for the service's own consumers, each with a
 * cursor of its own: webhooks and the search index. Safe for use by many threads. May throw {@link
 * Unavailable}.
 */
public interface EventLog {
  /**
   * The next events after a position, in order. An event that is ever returned has nothing before
   * it that could still appear: a reader that goes on from the last position it saw misses nothing,
   * whatever commits concurrently. An event that was committed may be withheld while an older
   * transaction is open.
   *
   * @param limit 1 or more
   */
  List<LoggedEvent> read(LogPosition after, int limit);
}
