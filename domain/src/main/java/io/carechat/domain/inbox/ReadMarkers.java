package io.carechat.domain.inbox;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import java.util.Optional;

/**
 * Stores how far each side of a chat has read. A call with a {@link ChatId} never reads or changes
 * another chat. Safe for use by many threads.
 */
public interface ReadMarkers {
  /**
   * Moves the marker of a side to a message, unless the marker is already at that message or a
   * newer one. If the marker moves, a {@link ChatEvent.ChatRead} is logged in the same transaction.
   * Both are durable when this returns. In the log, each event of one side of a chat is about a
   * newer message than the one before, also when several callers mark concurrently.
   *
   * @return the marker as it is now; empty if the chat has no such message, in which case nothing
   *     was changed
   * @throws Unavailable if it is unknown whether the marker was moved; it is safe to try again
   */
  Optional<ReadMarker> advance(ChatId chat, ClientType side, ExternalId upTo);
}
