package io.carechat.domain.evidence;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Computes the tree of rows again, and compares it with checkpoints, from the first row on. Not
 * safe for use by several threads.
 */
final class TreeCheck {
  private CompactRange tree;

  /**
   * @param start the tree of the rows before the first one that is checked
   */
  TreeCheck(CompactRange start) {
    tree = start;
  }

  /** Returns how many rows are known to be right. */
  long size() {
    return tree.size();
  }

  /**
   * Checks the rows up to the next checkpoint.
   *
   * @param checkpoint the signature must be checked already
   * @param rows the rows that are there now
   * @param rowHashes of the rows since the checkpoint before, if they are known
   * @return the first row that is wrong; empty if the rows are those of the checkpoint
   */
  Optional<AuditFault> check(
      Checkpoint checkpoint, List<AuditLeaf> rows, @Nullable RowHashes rowHashes) {
    List<Hash> hashes = rows.stream().map(AuditLeaf::hash).toList();
    CompactRange next = tree.append(hashes);
    if (next.size() == checkpoint.size() && next.root().equals(checkpoint.root())) {
      tree = next;
      return Optional.empty();
    }
    long first = tree.size() + 1;
    AuditFault unknown = AuditFault.among(AuditFault.Kind.ROWS_DIFFER, first, checkpoint.size());
    if (rowHashes == null || rowHashes.count() != checkpoint.size() - tree.size()) {
      return Optional.of(unknown);
    }
    RowHashes.Difference difference = rowHashes.firstDifference(hashes);
    long row = first + difference.index();
    @Nullable String id =
        difference.index() < rows.size() ? rows.get(difference.index()).id() : null;
    return Optional.of(
        switch (difference.kind()) {
          case CHANGED -> AuditFault.at(AuditFault.Kind.ROW_CHANGED, row, id);
          case MISSING -> AuditFault.at(AuditFault.Kind.ROW_MISSING, row, null);
          case ADDED -> AuditFault.at(AuditFault.Kind.ROW_ADDED, row, id);
          case MOVED -> AuditFault.at(AuditFault.Kind.ROW_MOVED, row, id);
          case UNKNOWN -> unknown;
        });
  }
}
