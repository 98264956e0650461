package io.carechat.domain.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.AccessDenied;
import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.chat.InvalidRequest;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.evidence.AuditFault.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a verification finds, with the service and without it. */
final class AuditVerificationTest {
  private static final TenantInstance ONE = Samples.THIS_INSTANCE;
  private static final TenantInstance OTHER = Samples.OTHER_INSTANCE;
  private static final VerifyingKeys KEYS = new VerifyingKeys(List.of(TestKey.ONE));
  private static final Caller AUDITOR =
      new Caller.Partner("auditor", ONE, Set.of(Scope.READ_AUDIT));

  private final TamperableAudit audit = new TamperableAudit();
  private final InMemorySealLog seals = new InMemorySealLog();
  private final ManualClock clock = new ManualClock(Samples.NOON);
  private List<SignedCheckpoint> witnessed = List.of();

  private static Sealer sealer(
      TamperableAudit audit, SealLog seals, TestKey key, ManualClock clock) {
    return new Sealer(
        audit, seals, key, new VerifyingKeys(List.of(key)), CheckpointWitness.NONE, 100, clock);
  }

  /** Two instances, each with checkpoints of 4, 9 and 12 rows. */
  @BeforeEach
  void seal() {
    for (int count : new int[] {4, 5, 3}) {
      for (int i = 0; i < count; i++) {
        audit.add(ONE, 1);
        audit.add(OTHER, 1);
      }
      sealer(audit, seals, TestKey.ONE, clock).sealAll();
      clock.move(Duration.ofMinutes(1));
    }
    witnessed = seals.all.stream().map(Seal::signed).toList();
  }

  private AuditVerification verification(int maxRows) {
    return new AuditVerification(audit, seals, KEYS, SealerTest.witness(witnessed), maxRows);
  }

  private AuditReport verify() {
    return verification(10_000).verify(AUDITOR, ONE, 0);
  }

  private void finds(Kind kind, long firstRow, long lastRow, @Nullable String rowId) {
    AuditReport report = verify();
    assertThat(report.fault()).isEqualTo(new AuditFault(kind, firstRow, lastRow, rowId));
    assertThat(report.verifiedTo()).isLessThan(firstRow);
    assertThat(report.next()).isNull();
  }

  /** Where the row with a number, from 1, is in the list of all rows. */
  private static int at(int number) {
    return (number - 1) * 2;
  }

  private String id(int number) {
    return audit.rows.get(at(number)).id();
  }

  private Seal stored(long size) {
    return seals.find(ONE, size).orElseThrow();
  }

  // --- nothing is wrong ---

  @Test
  void findsNothingWhereNothingIsWrong() {
    audit.add(ONE, 2);
    assertThat(verify())
        .isEqualTo(
            new AuditReport(
                0,
                0,
                12,
                null,
                2,
                audit.rows.get(24).entry().occurredAt(),
                stored(12).signed(),
                null));
  }

  @Test
  void verifiesInPartsThatEndAtCheckpoints() {
    var ends = new ArrayList<Long>();
    @Nullable Long next = 0L;
    while (next != null) {
      AuditReport report = verification(4).verify(AUDITOR, ONE, next);
      assertThat(report.fault()).isNull();
      assertThat(report.verifiedFrom()).isEqualTo(next);
      ends.add(report.verifiedTo());
      next = report.next();
    }
    assertThat(ends).containsExactly(4L, 9L, 12L);
    audit.change(at(6));
    assertThat(verification(4).verify(AUDITOR, ONE, 0).fault()).isNull();
    assertThat(verification(4).verify(AUDITOR, ONE, 4).fault()).isNotNull();
    assertThat(verification(4).verify(AUDITOR, ONE, 9).fault()).isNull();
  }

  @Test
  void needsTheScopeTheInstanceAndTheSizeOfACheckpoint() {
    assertThatThrownBy(() -> verification(10).verify(AUDITOR, OTHER, 0))
        .isInstanceOf(AccessDenied.class);
    var others =
        new Caller.Partner("other", ONE, EnumSet.complementOf(EnumSet.of(Scope.READ_AUDIT)));
    assertThatThrownBy(() -> verification(10).verify(others, ONE, 0))
        .isInstanceOf(AccessDenied.class);
    for (long wrong : new long[] {3, 5, 13, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> verification(10).verify(AUDITOR, ONE, wrong))
          .isInstanceOf(InvalidRequest.class);
    }
  }

  // --- rows ---

  @Test
  void findsAChangedRow() {
    audit.change(at(6));
    finds(Kind.ROW_CHANGED, 6, 6, id(6));
  }

  @Test
  void findsTheFirstOfTwoChangedRows() {
    audit.change(at(11));
    audit.change(at(2));
    finds(Kind.ROW_CHANGED, 2, 2, id(2));
  }

  @Test
  void findsAMissingRow() {
    audit.rows.remove(at(5));
    finds(Kind.ROW_MISSING, 5, 5, null);
  }

  @Test
  void findsTheMissingLastRow() {
    audit.rows.remove(at(12));
    finds(Kind.ROW_MISSING, 12, 12, null);
  }

  @Test
  void findsAnAddedRow() {
    AuditRow before = audit.rows.get(at(7));
    // Between two rows: the numbers of the other instance are free.
    audit.rows.add(
        new AuditRow(audit.rows.get(at(7) + 1).position(), TamperableAudit.entry(ONE, 99)));
    assertThat(before.id()).isEqualTo(id(7));
    finds(Kind.ROW_ADDED, 8, 8, audit.rows.getLast().id());
  }

  @Test
  void findsExchangedRows() {
    audit.swap(at(2), at(3));
    // Each has the other's contents, and its own id, so both are changed.
    finds(Kind.ROW_CHANGED, 2, 2, id(2));
  }

  @Test
  void findsARowThatWasMovedToAnotherInstance() {
    AuditRow row = audit.rows.get(at(5));
    audit.rows.set(at(5), new AuditRow(row.position(), TamperableAudit.entry(OTHER, 10)));
    finds(Kind.ROW_MISSING, 5, 5, null);
    Caller theirs = new Caller.Partner("auditor", OTHER, Set.of(Scope.READ_AUDIT));
    assertThat(verification(100).verify(theirs, OTHER, 0).fault())
        .isEqualTo(new AuditFault(Kind.ROW_ADDED, 5, 5, row.id()));
  }

  @Test
  void findsAChangedRowWhoseHashesWereChangedToo() {
    audit.change(at(6));
    Seal seal = stored(9);
    seals.all.set(
        seals.all.indexOf(seal),
        new Seal(
            seal.signed(),
            seal.tree(),
            seal.last(),
            RowHashes.of(
                audit.read(ONE, stored(4).last(), 5).stream()
                    .map(row -> AuditLeaf.of(row).hash())
                    .toList())));
    finds(Kind.ROWS_DIFFER, 5, 9, null);
  }

  // --- checkpoints ---

  @Test
  void findsAChangedCheckpoint() {
    Seal seal = stored(9);
    for (Seal changed :
        List.of(
            new Seal(seal.signed(), stored(12).tree(), seal.last(), seal.rowHashes()),
            new Seal(stored(12).signed(), seal.tree(), seal.last(), seal.rowHashes()))) {
      seals.all.set(1 + seals.all.indexOf(stored(4)) + 1, changed);
      assertThat(verify().fault()).isNotNull();
    }
  }

  @Test
  void findsACheckpointOfAnotherKey() {
    Seal seal = stored(9);
    seals.all.set(
        seals.all.indexOf(seal),
        new Seal(
            SignedCheckpoint.sign(seal.signed().checkpoint(), TestKey.TWO, TestKey.TWO),
            seal.tree(),
            seal.last(),
            seal.rowHashes()));
    finds(Kind.CHECKPOINT_CHANGED, 5, 9, null);
  }

  @Test
  void findsAMissingCheckpoint() {
    seals.all.remove(stored(9));
    finds(Kind.CHECKPOINT_MISSING, 5, 9, null);
  }

  @Test
  void findsThatTheEndIsCutOff() {
    seals.all.remove(stored(12));
    for (int number = 12; number > 9; number--) {
      audit.rows.remove(at(number));
    }
    finds(Kind.CHECKPOINT_MISSING, 10, 12, null);
  }

  @Test
  void findsThatEverythingWasRemoved() {
    seals.all.clear();
    audit.rows.clear();
    finds(Kind.CHECKPOINT_MISSING, 1, 12, null);
  }

  /** Everything fits again, but it is signed by a key that is not accepted. */
  @Test
  void findsATreeThatWasSignedByAnotherKey() {
    audit.change(at(6));
    seals.all.clear();
    sealer(audit, seals, TestKey.TWO, clock).sealAll();
    finds(Kind.CHECKPOINT_CHANGED, 1, 12, null);
  }

  /** Everything fits again, and only the witness shows that it is not what was published. */
  @Test
  void findsATreeThatWasComputedAgainWithTheSameKey() {
    audit.change(at(6));
    seals.all.clear();
    sealer(audit, seals, TestKey.ONE, clock).sealAll();
    finds(Kind.TREE_REPLACED, 1, 4, null);
    List<SignedCheckpoint> known = witnessed;
    witnessed = List.of();
    assertThat(verify().fault()).isNull();
    witnessed = known;
  }

  @Test
  void findsWhereATreeWithTheSameCheckpointsDiffers() {
    audit.change(at(6));
    Seal kept = stored(4);
    seals.all.removeIf(seal -> seal.signed().checkpoint().instance().equals(ONE));
    seals.all.add(kept);
    var prefix = new TamperableAudit();
    for (int end : new int[] {9, 12}) {
      prefix.rows.clear();
      prefix.rows.addAll(audit.rows.subList(0, at(end) + 1));
      sealer(prefix, seals, TestKey.ONE, clock).sealAll();
    }
    finds(Kind.TREE_REPLACED, 5, 9, null);
  }

  // --- without the service ---

  private AuditReport offline(List<PublishedCheckpoint> checkpoints, long after) {
    return new OfflineVerification(KEYS)
        .verify(
            ONE,
            checkpoints,
            audit.rows.stream()
                .filter(row -> row.entry().instance().equals(ONE))
                .skip(after)
                .map(AuditLeaf::of)
                .iterator(),
            after);
  }

  private List<PublishedCheckpoint> file() {
    return seals.all.stream().map(PublishedCheckpoint::of).toList();
  }

  private List<PublishedCheckpoint> events() {
    return witnessed.stream().map(signed -> new PublishedCheckpoint(signed, null, null)).toList();
  }

  @Test
  void verifiesOffline() {
    audit.add(ONE, 2);
    for (List<PublishedCheckpoint> checkpoints : List.of(file(), events())) {
      AuditReport report = offline(checkpoints, 0);
      assertThat(report.fault()).isNull();
      assertThat(report.verifiedTo()).isEqualTo(12);
      assertThat(report.unsealedRows()).isEqualTo(2);
    }
    AuditReport rest = offline(file(), 9);
    assertThat(rest.fault()).isNull();
    assertThat(rest.verifiedTo()).isEqualTo(12);
    assertThatThrownBy(() -> offline(events(), 9)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> offline(file(), 8)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void findsOfflineWhichRowIsWrong() {
    List<PublishedCheckpoint> file = file();
    List<PublishedCheckpoint> events = events();
    audit.change(at(6));
    assertThat(offline(file, 0).fault()).isEqualTo(AuditFault.at(Kind.ROW_CHANGED, 6, id(6)));
    assertThat(offline(events, 0).fault()).isEqualTo(AuditFault.among(Kind.ROWS_DIFFER, 5, 9));
    audit.rows.remove(at(6));
    assertThat(offline(file, 0).fault()).isEqualTo(AuditFault.at(Kind.ROW_MISSING, 6, null));
    audit.rows.add(at(3), audit.rows.get(at(2)));
    assertThat(offline(file, 0).fault()).isNotNull().returns(3L, AuditFault::firstRow);
  }

  @Test
  void findsOfflineThatCheckpointsAreMissing() {
    List<PublishedCheckpoint> file = new ArrayList<>(file());
    file.removeIf(each -> each.signed().checkpoint().size() == 12);
    audit.add(ONE, 400);
    assertThat(offline(file, 0).fault())
        .isEqualTo(AuditFault.among(Kind.CHECKPOINT_MISSING, 10, 412));
    audit.rows.removeIf(row -> row.entry().instance().equals(ONE));
    assertThat(offline(file, 0).fault()).isNotNull().returns(1L, AuditFault::firstRow);
  }

  @Test
  void findsOfflineACheckpointOfAnotherKey() {
    List<PublishedCheckpoint> file = new ArrayList<>(events());
    file.add(
        new PublishedCheckpoint(
            SignedCheckpoint.sign(stored(9).signed().checkpoint(), TestKey.TWO, TestKey.TWO),
            null,
            null));
    assertThat(offline(file, 0).fault())
        .isNotNull()
        .returns(Kind.CHECKPOINT_CHANGED, AuditFault::kind);
  }
}
