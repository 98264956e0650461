package io.carechat.domain.search.index;

import io.carechat.domain.chat.Message;
import io.carechat.domain.events.ChatEvent;
import io.carechat.domain.events.InstanceEvent;
import io.carechat.domain.events.LoggedEvent;
import java.util.ArrayList;
import java.util.List;

/** Selects the messages that belong into the search index. */
public final class IndexedMessages {
  private IndexedMessages() {}

  /**
   * Returns the messages that the given events say were sent, in the order of the events. Other
   * events contain nothing to search for.
   */
  public static List<Message> of(List<LoggedEvent> events) {
    var messages = new ArrayList<Message>();
    for (LoggedEvent logged : events) {
      switch (logged.event()) {
        case ChatEvent.MessageSent(Message message) -> messages.add(message);
        case ChatEvent.ChatRead read -> {}
        case InstanceEvent.EndpointDisabled disabled -> {}
      }
    }
    return messages;
  }
}
