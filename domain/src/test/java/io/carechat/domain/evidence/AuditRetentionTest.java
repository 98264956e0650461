package io.carechat.domain.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.evidence.AuditFault.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is removed of the audit, and that the rest can still be verified. */
final class AuditRetentionTest {
  private static final TenantInstance ONE = Samples.THIS_INSTANCE;
  private static final VerifyingKeys KEYS = new VerifyingKeys(List.of(TestKey.ONE));
  private static final Duration KEPT = Duration.ofDays(40);

  private final TamperableAudit audit = new TamperableAudit();
  private final InMemorySealLog seals = new InMemorySealLog(audit);
  private final ManualClock clock = new ManualClock(Samples.NOON.plusSeconds(60));
  private final Sealer sealer =
      new Sealer(audit, seals, TestKey.ONE, KEYS, CheckpointWitness.NONE, 100, clock);
  private final AuditRetention retention =
      new AuditRetention(audit, seals, TestKey.ONE, KEYS, KEPT, clock);

  private AuditReport verify() {
    return new AuditVerification(audit, seals, KEYS, CheckpointWitness.NONE, 100)
        .verify(new Caller.Partner("auditor", ONE, Set.of(Scope.READ_AUDIT)), ONE, 0);
  }

  private void seal(int rows) {
    audit.add(ONE, rows);
    sealer.sealAll();
    clock.move(Duration.ofDays(1));
  }

  @Test
  void removesOldCheckpointsAsAWhole() {
    seal(4);
    seal(5);
    seal(3);
    assertThat(retention.removeAll()).isZero();
    clock.move(KEPT.minusDays(2).plusSeconds(1));
    assertThat(retention.removeAll()).isEqualTo(9);
    assertThat(audit.rows).hasSize(3);
    assertThat(verify())
        .returns(9L, AuditReport::removedRows)
        .returns(9L, AuditReport::verifiedFrom)
        .returns(12L, AuditReport::verifiedTo)
        .returns(null, AuditReport::fault);
    assertThat(retention.removeAll()).isZero();
  }

  @Test
  void findsWhatIsWrongInTheRest() {
    seal(4);
    seal(5);
    seal(3);
    clock.move(KEPT.minusDays(3).plusSeconds(1));
    assertThat(retention.removeAll()).isEqualTo(4);
    audit.change(2);
    assertThat(verify().fault())
        .isEqualTo(AuditFault.at(Kind.ROW_CHANGED, 7, audit.rows.get(2).id()));
  }

  @Test
  void doesNotRemoveWhatWasTamperedWith() {
    seal(4);
    seal(5);
    audit.change(6);
    clock.move(KEPT);
    assertThat(retention.removeAll()).isEqualTo(4);
    assertThat(audit.rows).hasSize(5);
    assertThat(verify().fault()).isNotNull();
  }

  /** Somebody who removes rows and says so himself has no key to sign that. */
  @Test
  void findsARemovalThatTheServiceDidNotSign() {
    seal(4);
    seal(5);
    Checkpoint sealed = seals.find(ONE, 4).orElseThrow().signed().checkpoint();
    for (SignedCheckpoint forged :
        List.of(
            seals.find(ONE, 4).orElseThrow().signed(),
            SignedCheckpoint.sign(
                new Checkpoint(Checkpoint.Statement.REMOVED, ONE, 4, sealed.root(), sealed.at()),
                TestKey.TWO,
                TestKey.TWO))) {
      seals.removals.clear();
      seals.removals.add(forged);
      assertThat(verify().fault()).isEqualTo(AuditFault.among(Kind.CHECKPOINT_CHANGED, 1, 4));
    }
  }
}
