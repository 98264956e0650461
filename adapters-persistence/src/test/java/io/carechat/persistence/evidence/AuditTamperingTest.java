package io.carechat.persistence.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carechat.domain.access.Caller;
import io.carechat.domain.access.Scope;
import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.CallerType;
import io.carechat.domain.audit.Disclosure;
import io.carechat.domain.chat.ManualClock;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.evidence.AuditFault;
import io.carechat.domain.evidence.AuditFault.Kind;
import io.carechat.domain.evidence.AuditReport;
import io.carechat.domain.evidence.AuditRetention;
import io.carechat.domain.evidence.AuditVerification;
import io.carechat.domain.evidence.Checkpoint;
import io.carechat.domain.evidence.CheckpointWitness;
import io.carechat.domain.evidence.Seal;
import io.carechat.domain.evidence.Sealer;
import io.carechat.domain.evidence.SignedCheckpoint;
import io.carechat.domain.evidence.TestKey;
import io.carechat.domain.evidence.VerifyingKeys;
import io.carechat.persistence.StorageTest;
import io.carechat.persistence.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody with all rights in the database changes is found, and where. */
final class AuditTamperingTest extends StorageTest {
  private static final VerifyingKeys KEYS = new VerifyingKeys(List.of(TestKey.ONE));

  private final ManualClock sealClock = new ManualClock(Samples.NOON.plusSeconds(60));
  private TenantInstance one = Samples.newInstance();
  private TenantInstance other = Samples.newInstance();
  private List<AuditRow> rows = List.of();
  private List<SignedCheckpoint> witnessed = List.of();

  private static AuditEntry entry(TenantInstance instance, int second) {
    return new AuditEntry(
        Samples.NOON.plusSeconds(second),
        instance,
        CallerType.CARE_TEAM,
        "user:0123456789abcdef",
        "0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b10",
        false,
        "192.0.2.7",
        "searchMessages",
        new PatientId(Samples.newUuid()),
        "request-" + second,
        200,
        "none",
        new Disclosure(
            Samples.NOON,
            Samples.NOON.plusMillis(1),
            2,
            List.of("IM6f03096c79094f9b9466c7d009073ca1", "IM6f03096c79094f9b9466c7d009073ca2"),
            "0123456789abcdef"));
  }

  private Sealer sealer(TestKey key, CheckpointWitness witness) {
    return new Sealer(
        storage.auditLog(),
        storage.seals(),
        key,
        new VerifyingKeys(List.of(key)),
        witness,
        100,
        sealClock);
  }

  /** Two instances, each with checkpoints of 4 and 9 rows. */
  @BeforeEach
  void seal() {
    one = Samples.newInstance();
    other = Samples.newInstance();
    int second = 0;
    for (int count : new int[] {4, 5}) {
      for (int i = 0; i < count; i++) {
        storage.auditTrail().record(entry(one, second++));
        storage.auditTrail().record(entry(other, second++));
      }
      sealer(TestKey.ONE, CheckpointWitness.NONE).sealAll();
    }
    rows = storage.auditLog().read(one, LogPosition.START, 100);
    witnessed = storage.seals().after(one, 0, 10).stream().map(Seal::signed).toList();
    assertThat(rows).hasSize(9);
    assertThat(witnessed).hasSize(2);
    assertThat(verify(one).fault()).isNull();
  }

  private CheckpointWitness witness() {
    return new CheckpointWitness() {
      @Override
      public Optional<SignedCheckpoint> last(TenantInstance instance) {
        return all(instance).reversed().stream().findFirst();
      }

      @Override
      public List<SignedCheckpoint> all(TenantInstance instance) {
        return witnessed.stream()
            .filter(signed -> signed.checkpoint().instance().equals(instance))
            .toList();
      }
    };
  }

  private AuditReport verify(TenantInstance instance) {
    return new AuditVerification(storage.auditLog(), storage.seals(), KEYS, witness(), 1_000)
        .verify(new Caller.Partner("auditor", instance, Set.of(Scope.READ_AUDIT)), instance, 0);
  }

  private void finds(Kind kind, long firstRow, long lastRow) {
    AuditReport report = verify(one);
    assertThat(report.fault())
        .isNotNull()
        .returns(kind, AuditFault::kind)
        .returns(firstRow, AuditFault::firstRow)
        .returns(lastRow, AuditFault::lastRow);
    assertThat(report.verifiedTo()).isLessThan(firstRow);
  }

  private static String of(TenantInstance instance) {
    return " tenant_name = '%s' and instance_name = '%s' "
        .formatted(instance.tenantName(), instance.instanceName());
  }

  /** Where the row with a number, from 1, is. */
  private String row(int number) {
    LogPosition position = rows.get(number - 1).position();
    return of(one)
        + " and log_transaction = %s and log_number = %s "
            .formatted(position.transaction(), position.number());
  }

  private void tamper(String sql) throws SQLException {
    database.execute(sql);
  }

  // --- rows

  @ParameterizedTest
  @ValueSource(
      strings = {
        "occurred_at = occurred_at + interval '1 millisecond'",
        "caller_type = 'PARTNER'",
        "credential_id = 'user:0123456789abcdee'",
        "subject = '0b9c2f64-7d0e-4f0c-9d3a-5a1c8f1f2b11'",
        "break_glass = true",
        "address = '192.0.2.8'",
        "operation = 'findMessages'",
        "patient_id = '5cccfad8-c7b0-4fe8-a01e-eb80c0b234ab'",
        "patient_id = null",
        "request_id = 'request'",
        "status = 403",
        "problem = null",
        "problem = 'forbidden'",
        "first_created_at = null",
        "first_created_at = first_created_at - interval '1 day'",
        "last_created_at = last_created_at + interval '1 day'",
        "shown_count = 1",
        "shown_count = null",
        "shown_ids = shown_ids[1:1]",
        "shown_ids = array[shown_ids[2], shown_ids[1]]",
        "shown_ids = null",
        "query_hash = null",
        "query_hash = 'fedcba9876543210'",
        // What the service never writes, and cannot even read.
        "shown_count = -1",
        "shown_ids = array[null]::text[]",
        "shown_ids = array['']"
      })
  void findsEachChangedField(String change) throws SQLException {
    tamper("update carechat.audit_event set " + change + " where" + row(6));
    finds(Kind.ROW_CHANGED, 6, 6);
    assertThat(verify(other).fault()).isNull();
  }

  @Test
  void findsARemovedRow() throws SQLException {
    tamper("delete from carechat.audit_event where" + row(6));
    finds(Kind.ROW_MISSING, 6, 6);
  }

  @Test
  void findsAnInsertedRow() throws SQLException {
    tamper(
        "create temp table copy as select * from carechat.audit_event where"
            + row(6)
            + "; update copy set log_number = log_number + 1000000;"
            + " insert into carechat.audit_event select * from copy");
    finds(Kind.ROW_ADDED, 7, 7);
  }

  @Test
  void findsTwoRowsThatChangedPlaces() throws SQLException {
    LogPosition first = rows.get(5).position();
    LogPosition second = rows.get(6).position();
    tamper(
        "update carechat.audit_event set log_number = -1 where"
            + row(6)
            + "; update carechat.audit_event set log_transaction = %s, log_number = %s where"
                .formatted(first.transaction(), first.number())
            + row(7)
            + "; update carechat.audit_event set log_transaction = %s, log_number = %s where"
                .formatted(second.transaction(), second.number())
            + of(one)
            + "and log_number = -1");
    finds(Kind.ROW_CHANGED, 6, 6);
  }

  @Test
  void findsARowThatWasMovedToAnotherInstance() throws SQLException {
    tamper(
        "update carechat.audit_event set tenant_name = '%s', instance_name = '%s' where"
                .formatted(other.tenantName(), other.instanceName())
            + row(6));
    finds(Kind.ROW_MISSING, 6, 6);
    assertThat(verify(other).fault()).isNotNull().returns(Kind.ROW_ADDED, AuditFault::kind);
  }

  @Test
  void findsThatTheLastRowsWereCutOff() throws SQLException {
    for (int number = 8; number <= 9; number++) {
      tamper("delete from carechat.audit_event where" + row(number));
    }
    finds(Kind.ROW_MISSING, 8, 8);
  }

  // --- checkpoints

  @Test
  void findsThatEverythingAfterACheckpointWasRemoved() throws SQLException {
    for (int number = 5; number <= 9; number++) {
      tamper("delete from carechat.audit_event where" + row(number));
    }
    tamper("delete from carechat.audit_checkpoint where size = 9 and" + of(one));
    finds(Kind.CHECKPOINT_MISSING, 5, 9);
    // Whoever has the checkpoint does not sign what contradicts it.
    storage.auditTrail().record(entry(one, 100));
    sealer(TestKey.ONE, witness()).sealAll();
    assertThat(storage.seals().newest(one).orElseThrow().size()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "note = replace(note, E'\\n9\\n', E'\\n8\\n')",
        "note = replace(note, 'time 2021', 'time 2020')",
        "note = note || ' '",
        "note = ''",
        "tree = ''",
        "tree = '*'",
        "tree = substr(tree, 1, 44) || repeat('A', length(tree) - 44)",
        "size = 7",
        "row_hashes = '*'"
      })
  void findsAChangedCheckpoint(String change) throws SQLException {
    tamper("update carechat.audit_checkpoint set " + change + " where size = 9 and" + of(one));
    assertThat(verify(one).fault())
        .isNotNull()
        .returns(Kind.CHECKPOINT_CHANGED, AuditFault::kind)
        .returns(5L, AuditFault::firstRow);
    Optional<Seal> newest = storage.seals().newest(one);
    storage.auditTrail().record(entry(one, 100));
    sealer(TestKey.ONE, CheckpointWitness.NONE).sealAll();
    assertThat(storage.seals().newest(one)).isEqualTo(newest);
  }

  /** What cannot be read stops neither the sealing nor the removing of other instances' rows. */
  @Test
  void findsAnUnreadableRowThatIsNotSealed() throws SQLException {
    storage.auditTrail().record(entry(one, 100));
    rows = storage.auditLog().read(one, LogPosition.START, 100);
    tamper("update carechat.audit_event set shown_count = -1 where" + row(10));
    finds(Kind.ROW_CHANGED, 10, 10);
    storage.auditTrail().record(entry(other, 100));
    Sealer sealer = sealer(TestKey.ONE, CheckpointWitness.NONE);
    sealer.sealAll();
    assertThat(storage.seals().newest(one).orElseThrow().size()).isEqualTo(9);
    assertThat(storage.seals().newest(other).orElseThrow().size()).isEqualTo(10);
    assertThat(sealer.refusedInstances()).isPositive();
  }

  @Test
  void findsARemovedCheckpoint() throws SQLException {
    tamper("delete from carechat.audit_checkpoint where size = 4 and" + of(one));
    finds(Kind.CHECKPOINT_MISSING, 1, 4);
  }

  @Test
  void findsATreeThatAnotherKeyHasSigned() throws SQLException {
    tamper("update carechat.audit_event set status = 403 where" + row(6));
    tamper("delete from carechat.audit_checkpoint where" + of(one));
    storage.auditTrail().record(entry(one, 100));
    sealer(TestKey.TWO, CheckpointWitness.NONE).sealAll();
    finds(Kind.CHECKPOINT_CHANGED, 1, 10);
  }

  /** Only what is kept outside the database shows it. */
  @Test
  void findsATreeThatWasComputedAgainWithTheSameKey() throws SQLException {
    tamper("update carechat.audit_event set status = 403 where" + row(6));
    tamper("delete from carechat.audit_checkpoint where" + of(one));
    sealer(TestKey.ONE, CheckpointWitness.NONE).sealAll();
    finds(Kind.TREE_REPLACED, 1, 4);
    witnessed = List.of();
    assertThat(verify(one).fault()).isNull();
  }

  // --- rights

  /** No role of the service may change or remove what was recorded. */
  @ParameterizedTest
  @ValueSource(strings = {"carechat_app", "carechat_worker"})
  void noRoleMayChangeOrRemove(String role) throws SQLException {
    try (Connection connection = database.as(role)) {
      for (String table : List.of("audit_event", "audit_checkpoint", "audit_removal")) {
        for (String statement :
            List.of(
                "update carechat.%s set tenant_name = 'x'",
                "delete from carechat.%s",
                "truncate carechat.%s",
                "alter table carechat.%s disable row level security",
                "drop table carechat.%s")) {
          assertThatThrownBy(() -> TestDatabase.execute(connection, statement.formatted(table)))
              .as(statement + " " + table)
              .isInstanceOf(SQLException.class)
              .hasMessageMatching("(?s).*(permission denied|must be owner).*");
        }
      }
      if (role.equals("carechat_app")) {
        for (String table : List.of("audit_event", "audit_checkpoint", "audit_removal")) {
          assertThatThrownBy(() ->
                  TestDatabase.execute(
                      connection,
                      "insert into carechat.%s (tenant_name) values ('x')".formatted(table)))
              .hasMessageContaining("permission denied");
        }
        assertThatThrownBy(() ->
                TestDatabase.execute(
                    connection,
                    "select carechat.remove_sealed_audit('a', 'b', 1, '2000-01-01', '')"))
            .hasMessageContaining("permission denied");
      } else {
        assertThatThrownBy(() ->
                TestDatabase.execute(
                    connection, "insert into carechat.audit_removal values ('a', 'b', 1, '')"))
            .hasMessageContaining("permission denied");
      }
    }
  }

  /** Nor may the user that the service logs in as. */
  @Test
  void theServicesUserMayNotEither() throws SQLException {
    try (Connection connection = database.as("service")) {
      for (String statement :
          List.of(
              "delete from carechat.audit_event",
              "update carechat.audit_checkpoint set note = ''",
              "set role carechat_owner")) {
        assertThatThrownBy(() -> TestDatabase.execute(connection, statement))
            .hasMessageContaining("permission denied");
      }
    }
  }

  // --- retention

  private SignedCheckpoint removal(TestKey key, long size) {
    Checkpoint sealed = storage.seals().find(one, size).orElseThrow().signed().checkpoint();
    return SignedCheckpoint.sign(
        new Checkpoint(Checkpoint.Statement.REMOVED, one, size, sealed.root(), sealed.at()),
        key,
        key);
  }

  @Test
  void removesSealedRowsAndVerifiesTheRest() {
    sealClock.move(Duration.ofDays(41));
    var retention =
        new AuditRetention(
            storage.auditLog(), storage.seals(), TestKey.ONE, KEYS, Duration.ofDays(40), sealClock);
    storage.auditTrail().record(entry(one, 100));
    sealer(TestKey.ONE, CheckpointWitness.NONE).sealAll();
    assertThat(retention.removeAll()).isGreaterThanOrEqualTo(18);
    assertThat(storage.auditLog().read(one, LogPosition.START, 100)).hasSize(1);
    AuditReport report = verify(one);
    assertThat(report.fault()).isNull();
    assertThat(report.removedRows()).isEqualTo(9);
    assertThat(report.verifiedTo()).isEqualTo(10);
    assertThat(retention.removeAll()).isZero();
  }

  @Test
  void removesOnlyWhatIsSealedAndOldAndComplete() throws SQLException {
    Instant old = Samples.NOON.plusSeconds(1_000);
    var seals = storage.seals();
    SignedCheckpoint all = removal(TestKey.ONE, 9);
    assertThatThrownBy(() -> seals.remove(all, Samples.NOON.plusSeconds(5)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> seals.remove(all, Instant.now()))
        .isInstanceOf(IllegalStateException.class);
    var between =
        new Checkpoint(
            Checkpoint.Statement.REMOVED, one, 6, all.checkpoint().root(), all.checkpoint().at());
    assertThatThrownBy(
            () -> seals.remove(SignedCheckpoint.sign(between, TestKey.ONE, TestKey.ONE), old))
        .isInstanceOf(IllegalStateException.class);
    // A checkpoint of rows that are there is not said to be one of removed rows.
    assertThatThrownBy(() -> seals.remove(witnessed.getLast(), old))
        .isInstanceOf(IllegalStateException.class);
    tamper("delete from carechat.audit_event where" + row(6));
    assertThatThrownBy(() -> seals.remove(all, old)).isInstanceOf(IllegalStateException.class);
    assertThat(storage.auditLog().read(one, LogPosition.START, 100)).hasSize(8);
    assertThat(seals.removal(one)).isEmpty();
  }

  @Test
  void findsRemovedRowsOfWhichTheServiceDidNotSayIt() throws SQLException {
    tamper("delete from carechat.audit_event where" + row(1));
    finds(Kind.ROW_MISSING, 1, 1);
    tamper(
        "delete from carechat.audit_event where"
            + row(2)
            + "; delete from carechat.audit_event where"
            + row(3)
            + "; delete from carechat.audit_event where"
            + row(4)
            + "; insert into carechat.audit_removal values ('%s', '%s', 4, '%s')"
                .formatted(one.tenantName(), one.instanceName(), removal(TestKey.TWO, 4).note()));
    finds(Kind.CHECKPOINT_CHANGED, 1, 4);
  }
}
