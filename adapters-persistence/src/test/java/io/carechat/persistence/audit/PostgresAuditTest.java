package io.carechat.persistence.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.carechat.domain.audit.AuditContract;
import io.carechat.domain.audit.AuditLog;
import io.carechat.domain.audit.AuditQueries;
import io.carechat.domain.audit.AuditSamples;
import io.carechat.domain.audit.AuditTrail;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.Samples;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.persistence.StorageTest;
import io.carechat.persistence.TestDatabase;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

final class PostgresAuditTest extends StorageTest implements AuditContract {
  private static final SqlStatement ENTER = SqlStatement.of(LogOrder.enterAudit());

  /**
   * Another node that stores rows has got its transaction id, and commits later than this one. Its
   * row comes first in the order, so what this node has stored is withheld until then.
   */
  @Test
  void withholdsRowsBehindTransactionsThatAreStillOpen() throws SQLException {
    TenantInstance instance = Samples.newInstance();
    try (Connection other = database.as("carechat_worker")) {
      other.setAutoCommit(false);
      ENTER.bind().lock(other);
      TestDatabase.execute(
          other,
          "insert into carechat.audit_event select '"
              + instance.tenantName()
              + "', '"
              + instance.instanceName()
              + "', pg_current_xact_id()::text::bigint, 1, now(), 'PARTNER', 'of-another-node',"
              + " 'key', false, '192.0.2.7', 'findMessages', null, 'id', 200");
      auditTrail()
          .record(AuditSamples.page(instance, new PatientId(Samples.newUuid()), Samples.NOON));
      assertThat(auditLog().read(instance, LogPosition.START, 10)).isEmpty();
      other.commit();
    }
    assertThat(auditLog().read(instance, LogPosition.START, 10))
        .extracting(row -> row.entry().credentialId())
        .containsExactly("of-another-node", "user:0123456789abcdef");
  }

  /** Rows of messages are stored under the lock of the event log. */
  @Test
  void withholdsRowsBehindMessagesThatAreStillBeingStored() throws SQLException {
    TenantInstance instance = Samples.newInstance();
    try (Connection sender = database.as("carechat_worker")) {
      sender.setAutoCommit(false);
      LogOrder.enter(sender);
      long _ = TestDatabase.number(sender, "select pg_current_xact_id()::text::bigint");
      auditTrail()
          .record(AuditSamples.page(instance, new PatientId(Samples.newUuid()), Samples.NOON));
      assertThat(auditLog().read(instance, LogPosition.START, 10)).isEmpty();
      sender.commit();
    }
    assertThat(auditLog().read(instance, LogPosition.START, 10)).hasSize(1);
  }

  @Override
  public AuditTrail auditTrail() {
    return storage.auditTrail();
  }

  @Override
  public AuditLog auditLog() {
    return storage.auditLog();
  }

  @Override
  public AuditQueries auditQueries() {
    return storage.auditQueries();
  }
}
