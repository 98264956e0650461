package io.carechat.domain.feeds;

import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.util.List;

/**
 * A page of events of a feed.
 *
 * @param events the events in the order of the log
 * @param after where the next page begins: the position of the last event, or where this page began
 *     if it has no events
 * @param more whether there were more events when the page was read
 */
public record FeedPage(List<LoggedEvent> events, LogPosition after, boolean more) {
  /** Copies the list. */
  public FeedPage {
    events = List.copyOf(events);
  }
}
