package io.carechat.domain.evidence;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.audit.AuditLog;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies that the rows of an instance's audit are those that were sealed. Each call verifies a
 * part, from one checkpoint to another one. Safe for use by many threads.
 */
public final class AuditVerification {
  /** The maximum number of checkpoints that one call verifies. */
  private static final int SEALS = 100;

  private final AuditLog audit;
  private final SealLog seals;
  private final VerifyingKeys keys;
  private final CheckpointWitness witness;
  private final int maxRows;

  /**
   * @param keys the keys whose checkpoints are accepted
   * @param witness what is known of checkpoints outside the database
   * @param maxRows after how many rows a call ends at the next checkpoint, 1 or more
   */
  public AuditVerification(
      AuditLog audit, SealLog seals, VerifyingKeys keys, CheckpointWitness witness, int maxRows) {
    this.audit = audit;
    this.seals = seals;
    this.keys = keys;
    this.witness = witness;
    this.maxRows = maxRows;
  }

  /**
   * Verifies the next part of the audit.
   *
   * @param after the {@link AuditReport#next} of the call before, or 0 for the first rows
   * @throws io.carechat.domain.access.AccessDenied if the caller may not read the audit
   * @throws InvalidRequest if no checkpoint has so many rows
   */
  public AuditReport verify(Caller caller, TenantInstance instance, long after) {
    caller.require(Scope.READ_AUDIT, instance);
    Optional<SignedCheckpoint> removal = seals.removal(instance);
    long removed = removal.map(signed -> signed.checkpoint().size()).orElse(0L);
    if (removal.isPresent() && !isGenuineRemoval(removal.get(), instance)) {
      return report(0, 0, 0, AuditFault.among(AuditFault.Kind.CHECKPOINT_CHANGED, 1, removed));
    }
    long from = Math.max(after, removed);
    if (from == 0) {
      return verify(instance, removed, CompactRange.EMPTY, LogPosition.START);
    }
    Optional<Seal> start = seals.find(instance, from);
    if (start.isEmpty()) {
      if (after > removed) {
        throw new InvalidRequest("after", "must be the number of rows of a checkpoint");
      }
      return report(removed, from, from, missing(1, from));
    }
    boolean asRemoved =
        from > removed
            || removal
                .filter(signed ->
                    signed.checkpoint().root().equals(start.get().signed().checkpoint().root()))
                .isPresent();
    if (!start.get().isGenuine(instance, keys) || !asRemoved) {
      return report(
          removed, from, from, AuditFault.among(AuditFault.Kind.CHECKPOINT_CHANGED, 1, from));
    }
    return verify(instance, removed, start.get().tree(), start.get().last());
  }

  private boolean isGenuineRemoval(SignedCheckpoint signed, TenantInstance instance) {
    return signed.checkpoint().statement() == Checkpoint.Statement.REMOVED
        && signed.checkpoint().instance().equals(instance)
        && signed.isSignedBy(keys);
  }

  private AuditReport verify(
      TenantInstance instance, long removed, CompactRange start, LogPosition after) {
    var check = new TreeCheck(start);
    List<Seal> next = seals.after(instance, start.size(), SEALS);
    @Nullable SignedCheckpoint last = null;
    LogPosition position = after;
    Optional<SignedCheckpoint> witnessed = witness.last(instance);
    for (Seal seal : next) {
      long before = check.size();
      Optional<AuditFault> fault = check(instance, seal, check, position);
      if (fault.isEmpty()) {
        fault = differenceFrom(witnessed, before, seal);
      }
      if (fault.isPresent()) {
        long right = Math.min(check.size(), fault.get().firstRow() - 1);
        return new AuditReport(removed, start.size(), right, null, 0, null, last, fault.get());
      }
      last = seal.signed();
      position = seal.last();
      if (check.size() - start.size() >= maxRows) {
        return more(removed, start.size(), check.size(), last);
      }
    }
    if (next.size() == SEALS) {
      return more(removed, start.size(), check.size(), last);
    }
    long known = witnessed.map(signed -> signed.checkpoint().size()).orElse(0L);
    if (known > check.size()) {
      return new AuditReport(
          removed,
          start.size(),
          check.size(),
          null,
          0,
          null,
          last,
          missing(check.size() + 1, known));
    }
    ReadableRows.Read unsealed = ReadableRows.read(audit, instance, position, maxRows);
    List<AuditRow> rows = unsealed.rows();
    return new AuditReport(
        removed,
        start.size(),
        check.size(),
        null,
        rows.size(),
        rows.isEmpty() ? null : rows.getFirst().entry().occurredAt(),
        last,
        unsealed.complete()
            ? null
            : AuditFault.at(AuditFault.Kind.ROW_CHANGED, check.size() + rows.size() + 1, null));
  }

  /** Says that there is more to verify. */
  private static AuditReport more(
      long removed, long from, long to, @Nullable SignedCheckpoint last) {
    return new AuditReport(removed, from, to, to, 0, null, last, null);
  }

  /** Checks a checkpoint, and the rows since the one before it. */
  private Optional<AuditFault> check(
      TenantInstance instance, Seal seal, TreeCheck check, LogPosition after) {
    long first = check.size() + 1;
    if (!seal.isGenuine(instance, keys)) {
      return Optional.of(AuditFault.among(AuditFault.Kind.CHECKPOINT_CHANGED, first, seal.size()));
    }
    long sealed = seal.size() - check.size();
    if (seal.rowHashes().count() < sealed) {
      return Optional.of(missing(first, seal.size() - seal.rowHashes().count()));
    }
    // One row more shows that rows were added. More of them need not be read.
    ReadableRows.Read read = ReadableRows.read(audit, instance, after, Math.toIntExact(sealed + 1));
    if (!read.complete() && read.rows().size() < sealed) {
      return Optional.of(
          AuditFault.at(AuditFault.Kind.ROW_CHANGED, first + read.rows().size(), null));
    }
    var upTo = new ArrayList<AuditLeaf>();
    for (AuditRow row : read.rows()) {
      if (row.position().compareTo(seal.last()) <= 0) {
        upTo.add(AuditLeaf.of(row));
      }
    }
    return check.check(seal.signed().checkpoint(), upTo, seal.rowHashes());
  }

  /**
   * Says that the tree was replaced, if the witness has another checkpoint of these rows.
   *
   * @param before the number of rows in the stored checkpoint before
   */
  private Optional<AuditFault> differenceFrom(
      Optional<SignedCheckpoint> witnessed, long before, Seal seal) {
    return witnessed
        .map(SignedCheckpoint::checkpoint)
        .filter(known -> known.size() > before && known.size() <= seal.size())
        .filter(known -> !isStored(known))
        .map(known -> replaced(known.instance(), known.size()));
  }

  /**
   * Finds the first checkpoint of the witness that is not stored. Trees that differ once never
   * agree again, so the checkpoints can be searched by halves.
   */
  private AuditFault replaced(TenantInstance instance, long size) {
    List<Checkpoint> known =
        witness.all(instance).stream()
            .filter(signed -> signed.isSignedBy(keys))
            .map(SignedCheckpoint::checkpoint)
            .filter(checkpoint -> checkpoint.size() <= size)
            .toList();
    int same = 0;
    int different = known.size();
    while (same < different) {
      int middle = (same + different) >>> 1;
      if (isStored(known.get(middle))) {
        same = middle + 1;
      } else {
        different = middle;
      }
    }
    return AuditFault.among(
        AuditFault.Kind.TREE_REPLACED,
        same == 0 ? 1 : known.get(same - 1).size() + 1,
        same < known.size() ? known.get(same).size() : size);
  }

  private boolean isStored(Checkpoint checkpoint) {
    return seals
        .find(checkpoint.instance(), checkpoint.size())
        .filter(seal -> seal.signed().checkpoint().root().equals(checkpoint.root()))
        .isPresent();
  }

  private static AuditFault missing(long firstRow, long lastRow) {
    return AuditFault.among(AuditFault.Kind.CHECKPOINT_MISSING, firstRow, lastRow);
  }

  private static AuditReport report(long removed, long from, long to, AuditFault fault) {
    return new AuditReport(removed, from, to, null, 0, null, null, fault);
  }
}
