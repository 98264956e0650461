package io.carechat.domain.records;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.events.LogPosition;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An erasure of a chat: of all messages that it had when the erasure began. Times are in whole
 * milliseconds.
 *
 * @param id the id of the erasure, which is also that of its event
 * @param chat the chat
 * @param reason why it is erased
 * @param requestedAt when it was first requested
 * @param requestedBy the id of the credential that requested it first
 * @param state how far it is
 * @param through messages that were created up to this time are erased, and every later message of
 *     the chat is newer; null while it is held
 * @param removed what was removed from the database so far
 * @param removedAt when the last row was removed from the database; null before
 * @param event the position of its event in the log; null before
 * @param receipt the signed receipt, a JWS in its compact form; null until it is done
 */
public record Erasure(
    ErasureId id,
    ChatId chat,
    ErasureReason reason,
    Instant requestedAt,
    String requestedBy,
    State state,
    @Nullable Instant through,
    Removed removed,
    @Nullable Instant removedAt,
    @Nullable LogPosition event,
    @Nullable String receipt) {
  /** How far an erasure is. */
  public enum State {
    /** It waits until the last legal hold of the chat is lifted. Nothing was removed. */
    HELD,
    /** Rows are being removed. The chat is not shown any more. */
    REMOVING,
    /** Nothing is left in the database. The index follows, and after it the receipt. */
    INDEXING,
    /** Nothing is left, and there is a receipt. */
    DONE
  }
}
