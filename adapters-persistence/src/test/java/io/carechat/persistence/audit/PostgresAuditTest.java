package io.carechat.persistence.audit;

import io.carechat.domain.audit.AuditContract;
import io.carechat.domain.audit.AuditLog;
import io.carechat.domain.audit.AuditQueries;
import io.carechat.domain.audit.AuditTrail;
import io.carechat.persistence.StorageTest;

final class PostgresAuditTest extends StorageTest implements AuditContract {
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
