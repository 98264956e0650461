package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ChatRestricted;
import io.carechat.domain.chat.Unavailable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Erases chats from the database. A call with a {@link ChatId} never reads or changes another chat.
 * Safe for use by many threads and by several nodes. Every method may throw {@link Unavailable}.
 */
public interface Erasures {
  /** The result of {@link #request}. */
  sealed interface Requested {
    /** The erasure, which has begun or ended. */
    record Accepted(Erasure erasure) implements Requested {}

    /** A legal hold is in the way. The erasure is queued, and nothing was removed. */
    record Held() implements Requested {}

    /** The chat has no message, and none was erased. */
    record NoChat() implements Requested {}
  }

  /**
   * A request.
   *
   * @param id the id of the erasure, if this request begins one
   * @param chat the chat
   * @param reason why
   * @param by the id of the credential
   * @param at the time of the request, in whole milliseconds
   * @param onlyIfQuietSince erases only if the newest message was created before this time, and
   *     otherwise is as if there were no chat; null to erase in any case
   */
  record Request(
      ErasureId id,
      ChatId chat,
      ErasureReason reason,
      String by,
      Instant at,
      @Nullable Instant onlyIfQuietSince) {}

  /**
   * Begins to erase a chat, in one transaction with the decision whether a hold is in the way. From
   * then on the chat's messages are not shown any more. Requests, holds, restrictions and messages
   * of one chat happen one after the other.
   *
   * <ul>
   *   <li>If an erasure of the chat is removing rows, the result is that erasure.
   *   <li>If the chat has no messages, the result is its last erasure, whatever its state is.
   *   <li>If the chat is held, the erasure is queued once, however often it is requested.
   * </ul>
   *
   * @throws ChatRestricted if the chat is restricted: what is restricted is kept
   */
  Requested request(Request request);

  /**
   * Removes some more rows of an erasure whose state is {@link Erasure.State#REMOVING}. With the
   * last ones the event {@link io.carechat.domain.events.ChatEvent.RecordChanged} is logged. Does
   * nothing in other states.
   *
   * @return the erasure as it is now
   */
  Erasure removeMore(Erasure erasure);

  /** Returns an erasure. The result is empty if the chat has none with this id. */
  Optional<Erasure> find(ChatId chat, ErasureId id);

  /** Returns erasures that are neither done nor held, of all instances, oldest first. */
  List<Erasure> unfinished(int limit);

  /**
   * Stores the receipt of an erasure whose state is {@link Erasure.State#INDEXING}, which ends it.
   * If another node was faster, its receipt stays.
   */
  void complete(Erasure erasure, String receipt);
}
