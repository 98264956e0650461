package io.carechat.domain.feeds;

import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.util.List;

/**
 * Some events of a feed.
 *
 * @param events in the log's order
 * @param after where to go on: the last event's place, or where the page began if it has none
 * @param more whether there were more when it was read
 */
public record FeedPage(List<LoggedEvent> events, LogPosition after, boolean more) {
  public FeedPage {
    events = List.copyOf(events);
  }
}
