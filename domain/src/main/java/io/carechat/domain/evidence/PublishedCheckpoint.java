package io.carechat.domain.evidence;

import org.jspecify.annotations.Nullable;

/**
 * A checkpoint as it is known outside the database, from the file of checkpoints or from an event.
 *
 * @param signed the checkpoint
 * @param tree the state of the tree of all rows up to it, to begin a verification there; null if it
 *     is not known
 * @param rowHashes of the rows since the checkpoint before it; null if they are not known
 */
public record PublishedCheckpoint(
    SignedCheckpoint signed, @Nullable CompactRange tree, @Nullable RowHashes rowHashes) {
  /** Takes what a stored checkpoint has. */
  public static PublishedCheckpoint of(Seal seal) {
    return new PublishedCheckpoint(seal.signed(), seal.tree(), seal.rowHashes());
  }
}
