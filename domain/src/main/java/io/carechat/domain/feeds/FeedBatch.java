package io.carechat.domain.feeds;

import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.Event;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.util.List;

/**
 * The events that one read of a feed returned.
 *
 * @param events the events in the order of the log
 * @param mayBeMore whether a limit ended the read, so that the feed has, or may have, more events
 */
record FeedBatch(List<LoggedEvent> events, boolean mayBeMore) {
  FeedBatch {
    events = List.copyOf(events);
  }

  /**
   * What a read is to return.
   *
   * @param after the position after which to begin
   * @param limit the maximum number of events, 1 or more
   * @param maxText the maximum total length of the texts of their messages, in UTF-16 code units.
   *     The first event is returned even if its text is longer.
   */
  record Request(LogPosition after, int limit, int maxText) {}

  /** Returns the total length of the texts of the messages, in UTF-16 code units. */
  long textLength() {
    return events.stream().mapToLong(logged -> textLength(logged.event())).sum();
  }

  /** Returns the length of the text of an event's message, in UTF-16 code units. */
  static int textLength(Event event) {
    return switch (event) {
      case ChatEvent ofChat -> ofChat.message().text().value().length();
      case InstanceEvent ofInstance -> 0;
    };
  }
}
