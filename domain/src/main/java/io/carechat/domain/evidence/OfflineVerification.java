package io.carechat.domain.evidence;

import io.carechat.domain.chat.TenantInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies rows of the audit with checkpoints that were published, without the service and its
 * database. Safe for use by many threads.
 */
public final class OfflineVerification {
  /** Rows are sealed within a minute, so if an older row is not sealed, a checkpoint is missing. */
  private static final Duration SEALED_WITHIN = Duration.ofMinutes(5);

  private final VerifyingKeys keys;

  /**
   * @param keys the keys whose checkpoints are accepted
   */
  public OfflineVerification(VerifyingKeys keys) {
    this.keys = keys;
  }

  /**
   * Verifies rows.
   *
   * @param instance whose rows they are; checkpoints of others are ignored
   * @param checkpoints in any order; the same one may be there several times
   * @param rows all rows after {@code after} rows, in the order of the audit
   * @param after how many of the first rows are left out, because they were removed or verified
   *     before
   * @throws IllegalArgumentException if {@code after} is not 0 and no genuine checkpoint with so
   *     many rows has the state of the tree
   */
  public AuditReport verify(
      TenantInstance instance,
      List<PublishedCheckpoint> checkpoints,
      Iterator<AuditLeaf> rows,
      long after) {
    List<PublishedCheckpoint> own =
        checkpoints.stream()
            .filter(each -> each.signed().checkpoint().instance().equals(instance))
            .filter(each -> each.signed().checkpoint().statement() == Checkpoint.Statement.SEALED)
            .sorted(Comparator.comparingLong(each -> each.signed().checkpoint().size()))
            .toList();
    var check = new TreeCheck(start(own, after));
    @Nullable SignedCheckpoint last = null;
    for (PublishedCheckpoint next : own) {
      Checkpoint checkpoint = next.signed().checkpoint();
      if (checkpoint.size() < after) {
        continue;
      }
      if (!next.signed().isSignedBy(keys)) {
        return report(
            check,
            after,
            last,
            AuditFault.among(
                AuditFault.Kind.CHECKPOINT_CHANGED, check.size() + 1, checkpoint.size()));
      }
      List<AuditLeaf> part = take(rows, checkpoint.size() - check.size());
      Optional<AuditFault> fault = check.check(checkpoint, part, next.rowHashes());
      if (fault.isPresent()) {
        return report(check, after, last, fault.get());
      }
      last = next.signed();
    }
    int unsealed = 0;
    @Nullable Instant first = null;
    @Nullable Instant end = null;
    while (rows.hasNext()) {
      end = rows.next().at();
      first = first == null ? end : first;
      unsealed++;
    }
    @Nullable AuditFault fault =
        first != null && end != null && Duration.between(first, end).compareTo(SEALED_WITHIN) > 0
            ? AuditFault.among(
                AuditFault.Kind.CHECKPOINT_MISSING, check.size() + 1, check.size() + unsealed)
            : null;
    return new AuditReport(after, after, check.size(), null, unsealed, first, last, fault);
  }

  private CompactRange start(List<PublishedCheckpoint> own, long after) {
    if (after == 0) {
      return CompactRange.EMPTY;
    }
    for (PublishedCheckpoint each : own) {
      CompactRange tree = each.tree();
      Checkpoint checkpoint = each.signed().checkpoint();
      if (tree != null
          && checkpoint.size() == after
          && tree.size() == after
          && tree.root().equals(checkpoint.root())
          && each.signed().isSignedBy(keys)) {
        return tree;
      }
    }
    throw new IllegalArgumentException(
        "there is no genuine checkpoint of " + after + " rows that has the state of its tree");
  }

  private static List<AuditLeaf> take(Iterator<AuditLeaf> rows, long count) {
    var part = new ArrayList<AuditLeaf>();
    while (part.size() < count && rows.hasNext()) {
      part.add(rows.next());
    }
    return part;
  }

  private static AuditReport report(
      TreeCheck check, long after, @Nullable SignedCheckpoint last, AuditFault fault) {
    return new AuditReport(after, after, check.size(), null, 0, null, last, fault);
  }
}
