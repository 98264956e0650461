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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Follows the audit, and signs checkpoints of it: for each instance one tree of all of its rows. It
 * does so after the rows were committed, so no request waits for it. It keeps nothing in memory
 * that it needs: after a restart, and on any other node, it goes on after the stored checkpoints.
 *
 * <p>It does not sign a tree that continues something that was tampered with. Then the rows of that
 * instance are not sealed until the database is repaired.
 *
 * <p>Safe for use by several nodes. On each, one thread calls {@link #sealAll}; the other methods
 * are for any thread.
 */
public final class Sealer {
  private static final System.Logger LOG = System.getLogger(Sealer.class.getName());
  private static final int INSTANCES = 1_000;

  private final AuditLog audit;
  private final SealLog seals;
  private final SigningKey key;
  private final VerifyingKey publicKey;
  private final VerifyingKeys keys;
  private final CheckpointWitness witness;
  private final int limit;
  private final InstantSource clock;

  /** The instances that are not sealed, and since when they have had a row that is not. */
  private final Map<TenantInstance, Instant> refused = new ConcurrentHashMap<>();

  /** The instances whose witness agrees with the stored checkpoints. */
  private final Set<TenantInstance> compared = ConcurrentHashMap.newKeySet();

  /** All rows that were committed by then are sealed, but those of refused instances. */
  private volatile Instant sealedUpTo;

  /**
   * @param keys the keys that are accepted, among them that of {@code key}
   * @param witness what is known of earlier checkpoints outside the database
   * @param limit the maximum number of rows between two checkpoints, 1 or more
   * @param clock a clock that all nodes share
   * @throws IllegalArgumentException if {@code keys} does not contain that of {@code key}
   */
  public Sealer(
      AuditLog audit,
      SealLog seals,
      SigningKey key,
      VerifyingKeys keys,
      CheckpointWitness witness,
      int limit,
      InstantSource clock) {
    this.audit = audit;
    this.seals = seals;
    this.key = key;
    this.publicKey =
        keys.find(key.keyId())
            .orElseThrow(
                () -> new IllegalArgumentException("The public key of the signing key is missing"));
    this.keys = keys;
    this.witness = witness;
    this.limit = limit;
    this.clock = clock;
    this.sealedUpTo = clock.instant();
  }

  /**
   * Seals all rows that are there now. To be called at least every minute.
   *
   * @throws Unavailable if the audit or the checkpoints are unavailable; nothing is lost, and the
   *     caller may try again
   */
  public void sealAll() {
    Instant began = clock.instant();
    @Nullable TenantInstance after = null;
    List<TenantInstance> instances;
    do {
      instances = audit.instances(after, INSTANCES);
      for (TenantInstance instance : instances) {
        while (sealNext(instance)) {
          // A checkpoint has at most so many rows.
        }
        after = instance;
      }
    } while (instances.size() == INSTANCES);
    sealedUpTo = began;
  }

  /**
   * Returns for how long the oldest row that is not sealed may have waited: all older ones are
   * sealed.
   */
  public Duration lag() {
    Instant now = clock.instant();
    Instant oldest = refused.values().stream().min(Instant::compareTo).orElse(sealedUpTo);
    Instant since = oldest.isBefore(sealedUpTo) ? oldest : sealedUpTo;
    return since.isBefore(now) ? Duration.between(since, now) : Duration.ZERO;
  }

  /** Returns how many instances are not sealed, because their stored checkpoints are wrong. */
  public int refusedInstances() {
    return refused.size();
  }

  /** Seals the next rows of an instance. Returns whether there may be more. */
  private boolean sealNext(TenantInstance instance) {
    Optional<Seal> newest = seals.newest(instance);
    ReadableRows.Read read =
        ReadableRows.read(audit, instance, newest.map(Seal::last).orElse(LogPosition.START), limit);
    List<AuditRow> rows = read.rows();
    Optional<String> fault =
        read.complete()
            ? faultIn(instance, newest)
            : Optional.of("one of its rows that are not sealed was changed");
    if (fault.isPresent()) {
      refuse(instance, rows, fault.get());
      return false;
    }
    if (refused.remove(instance) != null) {
      LOG.log(System.Logger.Level.INFO, "The audit of " + instance + " is sealed again");
    }
    if (rows.isEmpty()) {
      return false;
    }
    List<Hash> hashes = rows.stream().map(row -> AuditLeaf.of(row).hash()).toList();
    CompactRange tree = newest.map(Seal::tree).orElse(CompactRange.EMPTY).append(hashes);
    var checkpoint =
        new Checkpoint(
            Checkpoint.Statement.SEALED,
            instance,
            tree.size(),
            tree.root(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS));
    var seal =
        new Seal(
            SignedCheckpoint.sign(checkpoint, key, publicKey),
            tree,
            rows.getLast().position(),
            RowHashes.of(hashes));
    // If another node was faster, the next turn goes on after its checkpoint.
    return !seals.add(seal, newest.map(Seal::size).orElse(0L)) || rows.size() == limit;
  }

  private void refuse(TenantInstance instance, List<AuditRow> rows, String fault) {
    Instant since = rows.isEmpty() ? clock.instant() : rows.getFirst().entry().occurredAt();
    if (refused.putIfAbsent(instance, since) == null) {
      LOG.log(
          System.Logger.Level.ERROR,
          "The audit of " + instance + " is not sealed any more: " + fault);
    }
  }

  /** Returns why the newest checkpoint cannot be continued. */
  private Optional<String> faultIn(TenantInstance instance, Optional<Seal> newest) {
    if (newest.isPresent() && !newest.get().isGenuine(instance, keys)) {
      return Optional.of("its newest stored checkpoint was changed, or its key is not configured");
    }
    Optional<SignedCheckpoint> last = witness.last(instance);
    if (last.isEmpty()) {
      return Optional.empty();
    }
    Checkpoint witnessed = last.get().checkpoint();
    long stored = newest.map(Seal::size).orElse(0L);
    if (stored < witnessed.size()) {
      return Optional.of(
          "the file of checkpoints has one of "
              + witnessed.size()
              + " rows, but the newest stored one has "
              + stored);
    }
    if (!compared.contains(instance)) {
      boolean same =
          seals
              .find(instance, witnessed.size())
              .filter(seal -> seal.signed().checkpoint().root().equals(witnessed.root()))
              .isPresent();
      if (!same) {
        return Optional.of(
            "the stored checkpoint of "
                + witnessed.size()
                + " rows is not the one in the file of checkpoints");
      }
      boolean _ = compared.add(instance);
    }
    return Optional.empty();
  }
}
