package io.carechat.domain.evidence;

import org.jspecify.annotations.Nullable;

/**
 * The first thing that is wrong in the audit of an instance. Rows are numbered from 1 in the order
 * in which they were sealed. If {@code firstRow} and {@code lastRow} are the same, that row is the
 * first one that is wrong; otherwise it is one of these.
 *
 * @param kind what it looks like
 * @param firstRow no row before this one is wrong
 * @param lastRow at least one row up to this one is wrong
 * @param rowId the id of the row that is now where {@code firstRow} should be; null if that row is
 *     not known to be the one, or none is there
 */
public record AuditFault(Kind kind, long firstRow, long lastRow, @Nullable String rowId) {
  /** The kinds of faults. */
  public enum Kind {
    /** The contents of the row were changed. */
    ROW_CHANGED,
    /** The row was removed. */
    ROW_MISSING,
    /** A row was inserted. */
    ROW_ADDED,
    /** The row was sealed at another place. */
    ROW_MOVED,
    /** The rows are not those that were sealed. Which of them differ is not known. */
    ROWS_DIFFER,
    /**
     * A stored checkpoint was changed, or was signed by a key that is not accepted. So nothing is
     * known of its rows.
     */
    CHECKPOINT_CHANGED,
    /** Checkpoints were removed. So nothing is known of their rows. */
    CHECKPOINT_MISSING,
    /**
     * The stored checkpoints are genuine and fit the rows, but they are not those that were
     * published: the whole tree was computed again.
     */
    TREE_REPLACED
  }

  /** Says that one row is the first one that is wrong. */
  static AuditFault at(Kind kind, long row, @Nullable String rowId) {
    return new AuditFault(kind, row, row, rowId);
  }

  /** Says that one of these rows is wrong. */
  static AuditFault among(Kind kind, long firstRow, long lastRow) {
    return new AuditFault(kind, firstRow, Math.max(firstRow, lastRow), null);
  }
}
