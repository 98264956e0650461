package io.carechat.domain.exports;

import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The exports that are to be written, for those who write them. An export is written by the worker
 * that has claimed it, until the worker's lease ends. Then another worker continues after the last
 * part that was stored. Safe for use by many threads and nodes. Every method may throw {@link
 * Unavailable}.
 */
public interface ExportQueue {
  /** Which exports a worker writes. So those of whole instances keep those of chats not waiting. */
  enum Kind {
    CHATS,
    INSTANCES
  }

  /**
   * An export that a worker has claimed.
   *
   * @param export as it was when it was claimed
   * @param worker the worker
   * @param after the position up to which the log has been read
   * @param attempts how often it was claimed since anything was stored, 1 or more
   */
  record Claim(Export export, UUID worker, LogPosition after, int attempts) {}

  /**
   * Claims an export: one that the worker has claimed before, or one whose lease has ended, or the
   * oldest that waits. An instance has at most one running export of a kind.
   *
   * @param worker distinguishes the worker from all others
   * @param now the current time, by a clock that all nodes share
   * @param leaseEnd until when the worker has it
   */
  Optional<Claim> claim(UUID worker, Kind kind, Instant now, Instant leaseEnd);

  /**
   * Stores the next part of a file, and how far its worker has come. Either all of it is stored, or
   * nothing.
   *
   * @param claim the claim
   * @param before the progress before this part
   * @param progress the progress with this part
   * @param after the position up to which the log has been read
   * @param part the bytes between the two; empty if there are none
   * @param leaseEnd the new end of the lease
   * @param expiresAt when the export is to be removed
   * @return false if nothing was stored, because the worker does not have the export any more, it
   *     was removed, another progress was stored, or a chat of the instance was erased since the
   *     claim. What the worker has read must not be used then. It may claim again.
   */
  boolean append(
      Claim claim,
      ExportProgress before,
      ExportProgress progress,
      LogPosition after,
      byte[] part,
      Instant leaseEnd,
      Instant expiresAt);

  /**
   * Marks an export as done.
   *
   * @param progress the progress of the whole file
   * @param sha256 the hash of the file, in hexadecimal digits
   * @return false as for {@link #append}; then nothing has changed
   */
  boolean finish(
      Claim claim, ExportProgress progress, String sha256, Instant finishedAt, Instant expiresAt);

  /** Marks an export as failed. Nothing changes if the worker does not have it any more. */
  void fail(Claim claim, Instant failedAt);

  /**
   * Removes exports that have expired, and frees the space of what was removed. It does one bounded
   * batch.
   *
   * @param limit the maximum number of exports, and of parts of files, 1 or more
   * @return whether there may be more to do
   */
  boolean removeEnded(Instant now, int limit);
}
