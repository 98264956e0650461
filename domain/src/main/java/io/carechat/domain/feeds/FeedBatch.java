package io.carechat.domain.feeds;

import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.util.List;

/**
 * What a read of a feed gave.
 *
 * @param events in the log's order
 * @param mayBeMore whether it ended because of a limit; then there is more, or may be
 */
record FeedBatch(List<LoggedEvent> events, boolean mayBeMore) {
  FeedBatch {
    events = List.copyOf(events);
  }

  /**
   * What is asked for.
   *
   * @param after the place behind which to begin
   * @param limit how many events at most, 1 or more
   * @param text how long the texts of their messages may be together, in UTF-16 code units; one
   *     event is given in any case
   */
  record Asked(LogPosition after, int limit, int text) {}

  /** How long the texts of its messages are together, in UTF-16 code units. */
  long text() {
    return events.stream().mapToLong(logged -> text(logged.event())).sum();
  }

  /** How long the text is that an event holds. */
  static int text(Event event) {
    return switch (event) {
      case ChatEvent ofChat -> ofChat.message().text().value().length();
      case InstanceEvent ofInstance -> 0;
    };
  }
}
