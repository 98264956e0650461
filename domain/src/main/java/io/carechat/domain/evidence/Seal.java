package io.carechat.domain.evidence;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import java.util.List;

/**
 * A checkpoint as it is stored, with what is needed to go on after it.
 *
 * @param signed the checkpoint
 * @param tree the state of the tree of all rows up to it
 * @param last the position of the last row in it
 * @param rowHashes of the rows since the checkpoint before it
 */
public record Seal(
    SignedCheckpoint signed, CompactRange tree, LogPosition last, RowHashes rowHashes) {
  /**
   * Makes what stands for a stored checkpoint that cannot be read. It is never genuine.
   *
   * @param size how many rows it is said to have
   * @param last the position of the last row that it is said to have
   */
  public static Seal unreadable(TenantInstance instance, long size, LogPosition last) {
    return new Seal(
        SignedCheckpoint.unreadable(instance, size),
        CompactRange.EMPTY,
        last,
        RowHashes.of(List.of()));
  }

  /** Returns the number of rows up to it. */
  public long size() {
    return signed.checkpoint().size();
  }

  /**
   * Returns whether this is what the sealer has stored for an instance: the signature is right, and
   * the state of the tree is the one that was signed. The rows themselves are not checked.
   */
  boolean isGenuine(TenantInstance instance, VerifyingKeys keys) {
    Checkpoint checkpoint = signed.checkpoint();
    return checkpoint.statement() == Checkpoint.Statement.SEALED
        && checkpoint.instance().equals(instance)
        && checkpoint.size() == tree.size()
        && checkpoint.root().equals(tree.root())
        && signed.isSignedBy(keys);
  }
}
