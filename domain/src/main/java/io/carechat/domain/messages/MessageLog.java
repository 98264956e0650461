package io.carechat.domain.messages;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.EventLog;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The messages of all chats: the truth that everything else follows. Safe for use by many threads.
 * Every method may throw {@link Unavailable}. What a {@link ChatId} does not name is never read or
 * changed.
 */
public interface MessageLog {
  /** What became of a {@link NewMessage}. */
  sealed interface Appended {
    /** It is committed and synced to disk, and its event is in the log. */
    record Stored(Message message) implements Appended {}

    /** A message with this key was stored before, for the same request. */
    record AlreadyStored(Message message) implements Appended {}

    /** A message with this key was stored before, for another request. Nothing was stored. */
    record KeyTaken() implements Appended {}
  }

  /**
   * Stores a message and its event, both or neither, and answers once both are durable. Its {@link
   * Message#createdAt} is the later of the clock and one millisecond after the chat's newest
   * message.
   *
   * <p>Of concurrent calls with the same key in a chat, one stores and the others get what it
   * stored.
   */
  Appended append(NewMessage message);

  /**
   * Reads up to {@code limit} messages of a window, those nearest to its border (for {@link
   * Window.Newest}, the newest). Every message that was committed before the call and lies in the
   * window is found.
   *
   * @param limit 1 or more
   */
  Slice<Message> read(ChatId chat, Window<Instant> window, int limit);

  /**
   * As {@link #read}, but only of messages logged after a position: what a consumer that stands
   * there has not yet seen. Committed messages count even while {@link EventLog#read} still
   * withholds them. {@link Slice#olderExist} tells of messages past the position only.
   */
  Slice<Message> readLoggedAfter(
      LogPosition position, ChatId chat, Window<Instant> window, int limit);

  /**
   * One message of a chat; empty if the chat has none of that id, whether or not another chat has.
   */
  Optional<Message> find(ChatId chat, ExternalId id);

  /**
   * What happened in the chats of an instance after a position, in the order of the log, up to
   * {@code limit} events. As in {@link #readLoggedAfter(LogPosition, ChatId, Window, int)}, every
   * event that was committed before the call counts, even while {@link EventLog#read} still
   * withholds it. So an event may appear later before the last of these: who reads on from there
   * has seen what was committed before it began, and perhaps not all that was since.
   *
   * @param limit 1 or more
   */
  List<LoggedEvent> readLoggedAfter(LogPosition position, TenantInstance instance, int limit);

  /** Those of the given messages that the chat has, in no order. */
  List<Message> findAll(ChatId chat, Collection<ExternalId> ids);

  /**
   * Those of the given messages that the instance has, in no order. One of a chat of another
   * instance is not found.
   */
  List<Message> findAll(TenantInstance instance, Collection<MessageRef> messages);
}
