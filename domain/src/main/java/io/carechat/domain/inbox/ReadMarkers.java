package io.carechat.domain.inbox;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.ChatEvent;
import java.util.Optional;

/**
 * How far the sides of chats have read. Safe for use by many threads. What a {@link ChatId} does
 * not name is never read or changed.
 */
public interface ReadMarkers {
  /**
   * Moves a side's marker to a message, unless it stands at that message or a newer one. If it
   * moves, a {@link ChatEvent.ChatRead} is logged with it, both or neither, and both are durable
   * when this returns. In the log a side's events of a chat tell of ever newer messages, whoever
   * marks concurrently.
   *
   * @return the marker as it now stands; empty if the chat has no such message, and then nothing
   *     was changed
   * @throws Unavailable if it cannot be known whether the marker was moved; trying again does no
   *     harm
   */
  Optional<ReadMarker> advance(ChatId chat, ClientType side, ExternalId upTo);
}
