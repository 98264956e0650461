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
 * The messages of all chats. It is the source of truth: the event log, the search index and the
 * webhooks follow it. Safe for use by many threads. Every method may throw {@link Unavailable}. A
 * call with a {@link ChatId} never reads or changes messages of another chat.
 */
public interface MessageLog {
  /** The result of {@link #append}. */
  sealed interface Appended {
    /** The message was committed and synced to disk, and its event is in the log. */
    record Stored(Message message) implements Appended {}

    /**
     * An earlier request of this sender with this key stored this message. It was the same request.
     */
    record AlreadyStored(Message message) implements Appended {}

    /**
     * An earlier request of this sender with this key stored a message. It was another request.
     * Nothing was stored.
     */
    record KeyTaken() implements Appended {}
  }

  /**
   * Stores a message and its event in one transaction. It returns once both are durable. The {@link
   * Message#createdAt} is the current time, or one millisecond after the chat's newest message if
   * that is later.
   *
   * <p>A key belongs to one sender in one chat. A sender is identified by the side of the chat and
   * the id, not by the title. If several calls with the same key of a sender in a chat run
   * concurrently, one of them stores its message. The others return that message or {@link
   * Appended.KeyTaken}.
   */
  Appended append(NewMessage message);

  /**
   * Returns what {@link #append} would return for a message whose key this sender has used in this
   * chat before: {@link Appended.AlreadyStored} or {@link Appended.KeyTaken}. The result is empty
   * if the message has no key, or its key was not used before. Nothing is stored.
   */
  Optional<Appended> findEarlier(NewMessage message);

  /**
   * Reads up to {@code limit} messages of a window. If the window has more, it reads those nearest
   * to the cursor, or the newest ones for {@link Window.Newest}. It sees every message that was
   * committed before the call.
   *
   * @param limit the maximum number of messages, 1 or more
   */
  Slice<Message> read(ChatId chat, Window<Instant> window, int limit);

  /**
   * Reads as {@link #read} does, but only messages that were logged after a position. These are the
   * messages that a consumer of the log at that position has not seen yet. Committed messages are
   * included even while {@link EventLog#read} still withholds them. {@link Slice#olderExist} also
   * covers only these messages.
   *
   * @param position the position of the consumer
   * @param limit the maximum number of messages, 1 or more
   */
  Slice<Message> readLoggedAfter(
      LogPosition position, ChatId chat, Window<Instant> window, int limit);

  /**
   * Returns one message of a chat. The result is empty if the chat has no message with that id,
   * even if another chat has one.
   */
  Optional<Message> find(ChatId chat, ExternalId id);

  /**
   * Returns the events in the chats of an instance after a position, in the order of the log. Every
   * event that was committed before the call is included, even while {@link EventLog#read} still
   * withholds it. So an event may appear later before the last of these. A caller that continues
   * after the last one sees everything that was committed before its first call, but may miss
   * events that were committed since.
   *
   * @param limit the maximum number of events, 1 or more
   */
  List<LoggedEvent> readLoggedAfter(LogPosition position, TenantInstance instance, int limit);

  /** Returns those of the given messages that the chat has, in any order. */
  List<Message> findAll(ChatId chat, Collection<ExternalId> ids);

  /**
   * Returns those of the given messages that the instance has, in any order. Messages of chats of
   * other instances are not returned.
   */
  List<Message> findAll(TenantInstance instance, Collection<MessageRef> messages);
}
