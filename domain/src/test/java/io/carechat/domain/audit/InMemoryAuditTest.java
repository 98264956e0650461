package io.carechat.domain.audit;

final class InMemoryAuditTest implements AuditContract {
  private final InMemoryAudit audit = new InMemoryAudit();

  @Override
  public AuditTrail auditTrail() {
    return audit;
  }

  @Override
  public AuditLog auditLog() {
    return audit;
  }

  @Override
  public AuditQueries auditQueries() {
    return audit;
  }
}
