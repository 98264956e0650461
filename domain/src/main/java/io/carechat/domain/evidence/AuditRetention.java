package io.carechat.domain.evidence;

import io.carechat.domain.audit.AuditLog;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.chat.Unavailable;
import io.carechat.domain.events.LogPosition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Removes rows of the audit that need not be kept any longer. It removes whole checkpoints only,
 * from the beginning, and verifies their rows before. So nothing that was tampered with disappears,
 * and the rest can be verified from the last checkpoint that was removed. One thread calls {@link
 * #removeAll}; several nodes may do so at once.
 */
public final class AuditRetention {
  private static final System.Logger LOG = System.getLogger(AuditRetention.class.getName());
  private static final int INSTANCES = 1_000;

  private final AuditLog audit;
  private final SealLog seals;
  private final SigningKey key;
  private final VerifyingKey publicKey;
  private final VerifyingKeys keys;
  private final Duration kept;
  private final InstantSource clock;

  /**
   * @param keys the keys that are accepted, among them that of {@code key}
   * @param kept for how long rows are kept, 30 days or longer
   * @param clock a clock that all nodes share
   * @throws IllegalArgumentException if {@code keys} does not contain that of {@code key}
   */
  public AuditRetention(
      AuditLog audit,
      SealLog seals,
      SigningKey key,
      VerifyingKeys keys,
      Duration kept,
      InstantSource clock) {
    this.audit = audit;
    this.seals = seals;
    this.key = key;
    this.publicKey =
        keys.find(key.keyId())
            .orElseThrow(
                () -> new IllegalArgumentException("The public key of the signing key is missing"));
    this.keys = keys;
    this.kept = kept;
    this.clock = clock;
  }

  /**
   * Removes all rows that may be removed now.
   *
   * @return how many rows were removed
   * @throws Unavailable if the audit or the checkpoints are unavailable
   */
  public long removeAll() {
    Instant olderThan = clock.instant().minus(kept).truncatedTo(ChronoUnit.MILLIS);
    long removed = 0;
    @Nullable TenantInstance after = null;
    List<TenantInstance> instances;
    do {
      instances = audit.instances(after, INSTANCES);
      for (TenantInstance instance : instances) {
        long rows;
        do {
          rows = removeNext(instance, olderThan);
          removed += rows;
        } while (rows > 0);
        after = instance;
      }
    } while (instances.size() == INSTANCES);
    return removed;
  }

  /** Removes the rows of the next checkpoint. Returns how many. */
  private long removeNext(TenantInstance instance, Instant olderThan) {
    Optional<SignedCheckpoint> before = seals.removal(instance);
    long size = before.map(signed -> signed.checkpoint().size()).orElse(0L);
    List<Seal> next = seals.after(instance, size, 1);
    if (next.isEmpty() || !next.getFirst().signed().checkpoint().at().isBefore(olderThan)) {
      return 0;
    }
    Seal seal = next.getFirst();
    Optional<Seal> start = size == 0 ? Optional.empty() : seals.find(instance, size);
    if ((size > 0 && start.isEmpty())
        || start.filter(each -> !each.isGenuine(instance, keys)).isPresent()
        || !isAsSealed(instance, start, seal)) {
      LOG.log(
          System.Logger.Level.ERROR,
          "Rows of the audit of {0} are not removed, because they are not those that were sealed",
          instance);
      return 0;
    }
    Checkpoint sealed = seal.signed().checkpoint();
    var removal =
        new Checkpoint(
            Checkpoint.Statement.REMOVED,
            instance,
            sealed.size(),
            sealed.root(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS));
    return seals.remove(SignedCheckpoint.sign(removal, key, publicKey), olderThan);
  }

  private boolean isAsSealed(TenantInstance instance, Optional<Seal> start, Seal seal) {
    if (!seal.isGenuine(instance, keys)) {
      return false;
    }
    long count = seal.size() - start.map(Seal::size).orElse(0L);
    if (seal.rowHashes().count() != count) {
      return false;
    }
    LogPosition after = start.map(Seal::last).orElse(LogPosition.START);
    var rows = new ArrayList<AuditLeaf>();
    for (AuditRow row :
        ReadableRows.read(audit, instance, after, Math.toIntExact(count + 1)).rows()) {
      if (row.position().compareTo(seal.last()) <= 0) {
        rows.add(AuditLeaf.of(row));
      }
    }
    return new TreeCheck(start.map(Seal::tree).orElse(CompactRange.EMPTY))
        .check(seal.signed().checkpoint(), rows, null)
        .isEmpty();
  }
}
