package io.carechat.domain.feeds;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import java.util.List;

/**
 * The event log as those read it who may see one instance or one chat. Its order and its positions
 * are those of {@link EventLog}, and so is what it promises: a reader that goes on from the last
 * position it saw misses nothing, whatever commits concurrently. Safe for use by many threads. May
 * throw {@link Unavailable}.
 */
public interface InstanceEvents {
  /**
   * The next events of an instance and all of its chats after a position, in order.
   *
   * @param limit 1 or more
   */
  List<LoggedEvent> read(TenantInstance instance, LogPosition after, int limit);

  /**
   * The next events of a chat after a position, in order.
   *
   * @param limit 1 or more
   */
  List<LoggedEvent> read(ChatId chat, LogPosition after, int limit);

  /**
   * The position behind everything that can be read now. Whatever is committed later is after it;
   * so may be what was committed before and is still withheld.
   */
  LogPosition end();
}
