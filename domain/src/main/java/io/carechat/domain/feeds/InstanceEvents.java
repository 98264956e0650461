package io.carechat.domain.feeds;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.util.List;

/**
 * The event log of one instance or one chat. It has the same order, positions and guarantee as
 * {@link EventLog}: a reader that always continues after the last event that it saw misses nothing,
 * whatever is committed concurrently. Safe for use by many threads. May throw {@link Unavailable}.
 */
public interface InstanceEvents {
  /**
   * Returns the next events of an instance and all of its chats after a position, in order.
   *
   * @param limit the maximum number of events, 1 or more
   */
  List<LoggedEvent> read(TenantInstance instance, LogPosition after, int limit);

  /**
   * Returns the next events of a chat after a position, in order.
   *
   * @param limit the maximum number of events, 1 or more
   */
  List<LoggedEvent> read(ChatId chat, LogPosition after, int limit);

  /**
   * Returns the position of the last event that can be read now. Everything that is committed later
   * is after it. An event that was committed earlier and is still withheld may be after it too.
   */
  LogPosition end();

  /**
   * Returns a position that is after every position that was ever given to a reader, and after
   * every event that is committed or is being committed now. An event that is logged later may be
   * after it.
   */
  LogPosition bound();
}
