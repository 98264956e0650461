package io.carechat.domain.events;

import io.carechat.domain.chat.Unavailable;
import java.util.List;

/**
 * The events of all instances, in one order. It is for the consumers inside the service: webhooks,
 * the search index and the feeds. Each consumer keeps its own cursor. Safe for use by many threads.
 * May throw {@link Unavailable}.
 */
public interface EventLog {
  /**
   * Returns the next events after a position, in order. Once an event has been returned, no event
   * can appear before it any more. So a reader that always continues after the last event that it
   * saw misses nothing, whatever is committed concurrently. A committed event may be withheld while
   * an older transaction is still open.
   *
   * @param after the position of the last event that the reader saw, or {@link LogPosition#START}
   * @param limit the maximum number of events, 1 or more
   */
  List<LoggedEvent> read(LogPosition after, int limit);
}
