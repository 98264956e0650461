package io.carechat.domain.exports;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.messages.IdempotencyKey;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The exports of all instances, for those who ask for them. Safe for use by many threads and nodes.
 * Every method may throw {@link Unavailable}. A call with an instance never finds or changes an
 * export of another one.
 */
public interface ExportStore {
  /**
   * An export to store.
   *
   * @param id a new id
   * @param request what is exported
   * @param owner who asks; a key belongs to an owner, and {@link ExportLimits#perCaller} counts by
   *     it
   * @param key the caller's key; null if there is none
   * @param createdAt the current time, in whole milliseconds
   */
  record NewExport(
      ExportId id,
      ExportRequest request,
      String owner,
      @Nullable IdempotencyKey key,
      Instant createdAt) {}

  /**
   * Stores an export. Its {@link Export#through} is the position of the log at which every message
   * that was committed before the call is included. If several calls with the same key of an owner
   * run concurrently, one of them stores its export. No number of concurrent calls exceeds the
   * limits. Exports that failed or were discarded do not count.
   */
  ExportResult.OfCreate create(NewExport export, ExportLimits limits);

  /** Returns an export of an instance. The result is empty if there is none with that id. */
  Optional<Export> find(TenantInstance instance, ExportId id);

  /**
   * Returns the part of a file that has a byte. The result is empty if the file does not have that
   * byte, or the export was removed.
   *
   * @param at the place of the byte in the file, from 0
   */
  Optional<FilePart> part(TenantInstance instance, ExportId id, long at);

  /**
   * Removes an export, whatever its state is. It cannot be found any more when this returns, and no
   * part of its file can be read. {@link ExportQueue#removeEnded} then frees the space.
   *
   * @return whether there was one
   */
  boolean delete(TenantInstance instance, ExportId id);

  /**
   * Removes what contains messages of a chat, for when the chat is erased: the exports of the chat,
   * and the files of the exports of its whole instance, which are {@link ExportState#DISCARDED}
   * then. An export that is being written at the same time, or is created before the erasure is
   * committed, does not get messages of the chat either. When this returns, no part of a file with
   * such messages can be read; {@link ExportQueue#removeEnded} then frees the space.
   */
  void deleteOfChat(ChatId chat);
}
