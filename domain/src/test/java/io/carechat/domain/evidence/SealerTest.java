package io.carechat.domain.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the sealer signs, and what it does not. */
final class SealerTest {
  private static final TenantInstance ONE = Samples.THIS_INSTANCE;
  private static final TenantInstance OTHER = Samples.OTHER_INSTANCE;
  private static final VerifyingKeys KEYS = new VerifyingKeys(List.of(TestKey.ONE));

  private final TamperableAudit audit = new TamperableAudit();
  private final InMemorySealLog seals = new InMemorySealLog();
  private final ManualClock clock = new ManualClock(Samples.NOON);

  private Sealer sealer(CheckpointWitness witness) {
    return new Sealer(audit, seals, TestKey.ONE, KEYS, witness, 10, clock);
  }

  private Hash rootOf(TenantInstance instance) {
    return CompactRangeTest.definedRoot(
        audit.rows.stream()
            .filter(row -> row.entry().instance().equals(instance))
            .map(row -> AuditLeaf.of(row).hash())
            .toList());
  }

  @Test
  void makesOneTreeOfEachInstance() {
    Sealer sealer = sealer(CheckpointWitness.NONE);
    sealer.sealAll();
    assertThat(seals.all).isEmpty();
    audit.add(ONE, 3);
    audit.add(OTHER, 5);
    audit.add(ONE, 1);
    sealer.sealAll();
    assertThat(seals.all).hasSize(2).allMatch(seal -> seal.signed().isSignedBy(KEYS));
    Checkpoint checkpoint = seals.newest(ONE).orElseThrow().signed().checkpoint();
    assertThat(checkpoint.size()).isEqualTo(4);
    assertThat(checkpoint.root()).isEqualTo(rootOf(ONE));
    assertThat(checkpoint.at()).isEqualTo(Samples.NOON);
    assertThat(seals.newest(OTHER).orElseThrow().signed().checkpoint().root())
        .isEqualTo(rootOf(OTHER));
    sealer.sealAll();
    assertThat(seals.all).hasSize(2);
  }

  /** Also after a restart, and on another node. */
  @Test
  void goesOnAfterTheStoredCheckpoints() {
    audit.add(ONE, 3);
    sealer(CheckpointWitness.NONE).sealAll();
    audit.add(ONE, 34);
    sealer(CheckpointWitness.NONE).sealAll();
    assertThat(seals.after(ONE, 0, 10))
        .extracting(Seal::size)
        .containsExactly(3L, 13L, 23L, 33L, 37L);
    assertThat(seals.newest(ONE).orElseThrow().signed().checkpoint().root()).isEqualTo(rootOf(ONE));
  }

  @Test
  void doesNotContinueWhatWasChanged() {
    Sealer sealer = sealer(CheckpointWitness.NONE);
    audit.add(ONE, 3);
    audit.add(OTHER, 3);
    sealer.sealAll();
    Seal genuine = seals.newest(ONE).orElseThrow();
    Seal other = seals.newest(OTHER).orElseThrow();
    Seal changed = new Seal(genuine.signed(), other.tree(), genuine.last(), genuine.rowHashes());
    seals.all.set(seals.all.indexOf(genuine), changed);
    audit.add(ONE, 1);
    audit.add(OTHER, 1);
    clock.move(Duration.ofMinutes(1));
    sealer.sealAll();
    assertThat(seals.newest(ONE)).contains(changed);
    assertThat(seals.newest(OTHER).orElseThrow().size()).isEqualTo(4);
    assertThat(sealer.refusedInstances()).isEqualTo(1);
    seals.all.set(seals.all.indexOf(changed), genuine);
    sealer.sealAll();
    assertThat(seals.newest(ONE).orElseThrow().size()).isEqualTo(4);
    assertThat(sealer.refusedInstances()).isZero();
  }

  @Test
  void doesNotContinueTheTreeOfAnotherInstance() {
    audit.add(ONE, 3);
    sealer(CheckpointWitness.NONE).sealAll();
    Seal genuine = seals.newest(ONE).orElseThrow();
    audit.add(OTHER, 5);
    Sealer sealer = sealer(CheckpointWitness.NONE);
    // It lies in the place of the other instance's.
    var moved =
        new SealLog() {
          @Override
          public Optional<Seal> newest(TenantInstance instance) {
            return Optional.of(genuine);
          }

          @Override
          public boolean add(Seal seal, long previousSize) {
            return seals.add(seal, previousSize);
          }

          @Override
          public Optional<Seal> find(TenantInstance instance, long size) {
            return seals.find(instance, size);
          }

          @Override
          public List<Seal> after(TenantInstance instance, long size, int limit) {
            return seals.after(instance, size, limit);
          }

          @Override
          public List<Numbered> all(long after, int limit) {
            return seals.all(after, limit);
          }

          @Override
          public Optional<SignedCheckpoint> removal(TenantInstance instance) {
            return Optional.empty();
          }

          @Override
          public long remove(SignedCheckpoint removal, Instant olderThan) {
            return 0;
          }
        };
    new Sealer(audit, moved, TestKey.ONE, KEYS, CheckpointWitness.NONE, 10, clock).sealAll();
    assertThat(seals.newest(OTHER)).isEmpty();
    sealer.sealAll();
    assertThat(seals.newest(OTHER)).isPresent();
  }

  @Test
  void doesNotContinueWhatIsOlderThanTheWitness() {
    audit.add(ONE, 3);
    sealer(CheckpointWitness.NONE).sealAll();
    audit.add(ONE, 4);
    sealer(CheckpointWitness.NONE).sealAll();
    List<SignedCheckpoint> known = seals.all.stream().map(Seal::signed).toList();
    // An older state of the database.
    seals.all.removeLast();
    audit.rows.subList(3, 7).clear();
    audit.add(ONE, 9);
    Sealer sealer = sealer(witness(known));
    sealer.sealAll();
    assertThat(seals.all).hasSize(1);
    assertThat(sealer.refusedInstances()).isEqualTo(1);
    // Somebody without the file goes on, and whoever has it sees that.
    sealer(CheckpointWitness.NONE).sealAll();
    assertThat(seals.all).hasSize(2);
    audit.add(ONE, 1);
    sealer.sealAll();
    assertThat(seals.all).hasSize(2);
  }

  /** Also if it was as new as the witness when the sealer began. */
  @Test
  void doesNotContinueWhatBecameOlderThanTheWitness() {
    audit.add(ONE, 3);
    sealer(CheckpointWitness.NONE).sealAll();
    var known = new ArrayList<SignedCheckpoint>();
    known.add(seals.all.getLast().signed());
    Sealer sealer = sealer(witness(known));
    audit.add(ONE, 4);
    sealer.sealAll();
    known.add(seals.all.getLast().signed());
    assertThat(seals.all).hasSize(2);
    seals.all.removeLast();
    audit.add(ONE, 1);
    sealer.sealAll();
    assertThat(seals.all).hasSize(1);
    assertThat(sealer.refusedInstances()).isEqualTo(1);
  }

  static CheckpointWitness witness(List<SignedCheckpoint> known) {
    return new CheckpointWitness() {
      @Override
      public Optional<SignedCheckpoint> last(TenantInstance instance) {
        return all(instance).reversed().stream().findFirst();
      }

      @Override
      public List<SignedCheckpoint> all(TenantInstance instance) {
        return known.stream()
            .filter(signed -> signed.checkpoint().instance().equals(instance))
            .toList();
      }
    };
  }

  @Test
  void saysForHowLongRowsMayHaveWaited() {
    Sealer sealer = sealer(CheckpointWitness.NONE);
    assertThat(sealer.lag()).isZero();
    clock.move(Duration.ofSeconds(40));
    assertThat(sealer.lag()).isEqualTo(Duration.ofSeconds(40));
    sealer.sealAll();
    assertThat(sealer.lag()).isZero();
  }

  @Test
  void continuesWhatAnEarlierKeySigned() {
    audit.add(ONE, 3);
    sealer(CheckpointWitness.NONE).sealAll();
    audit.add(ONE, 1);
    var both = new VerifyingKeys(List.of(TestKey.ONE, TestKey.TWO));
    new Sealer(audit, seals, TestKey.TWO, both, CheckpointWitness.NONE, 10, clock).sealAll();
    assertThat(seals.newest(ONE).orElseThrow().signed().keyId()).isEqualTo(TestKey.TWO.keyId());
    audit.add(ONE, 1);
    // Whose earlier key is not configured.
    sealer(CheckpointWitness.NONE).sealAll();
    assertThat(seals.newest(ONE).orElseThrow().size()).isEqualTo(4);
    assertThatThrownBy(
            () -> new Sealer(audit, seals, TestKey.TWO, KEYS, CheckpointWitness.NONE, 10, clock))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
