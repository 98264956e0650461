package io.carechat.persistence.audit;

import static io.carechat.persistence.generated.Tables.AUDIT_EVENT;

import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.CallerType;
import io.carechat.domain.audit.Disclosure;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jooq.Field;

/** The columns of the audit, and how rows of it are read. Immutable. */
final class AuditColumns implements RowMapper<AuditRow> {
  /** What a statement must select. */
  static final List<Field<?>> FIELDS = List.of(AUDIT_EVENT.fields());

  private final Column<String> tenant;
  private final Column<String> instance;
  private final Column<Long> transaction;
  private final Column<Long> number;
  private final Column<Instant> occurredAt;
  private final Column<String> callerType;
  private final Column<String> credentialId;
  private final Column<String> subject;
  private final Column<Boolean> breakGlass;
  private final Column<String> address;
  private final Column<String> operation;
  private final Column<UUID> patient;
  private final Column<String> requestId;
  private final Column<Integer> status;
  private final Column<String> problem;
  private final Column<Instant> first;
  private final Column<Instant> last;
  private final Column<Integer> count;
  private final Column<String[]> ids;
  private final Column<String> queryHash;

  /** For a statement that selects {@link #FIELDS}. */
  AuditColumns(SqlStatement statement) {
    tenant = statement.column(AUDIT_EVENT.TENANT_NAME);
    instance = statement.column(AUDIT_EVENT.INSTANCE_NAME);
    transaction = statement.column(AUDIT_EVENT.LOG_TRANSACTION);
    number = statement.column(AUDIT_EVENT.LOG_NUMBER);
    occurredAt = statement.column(AUDIT_EVENT.OCCURRED_AT);
    callerType = statement.column(AUDIT_EVENT.CALLER_TYPE);
    credentialId = statement.column(AUDIT_EVENT.CREDENTIAL_ID);
    subject = statement.column(AUDIT_EVENT.SUBJECT);
    breakGlass = statement.column(AUDIT_EVENT.BREAK_GLASS);
    address = statement.column(AUDIT_EVENT.ADDRESS);
    operation = statement.column(AUDIT_EVENT.OPERATION);
    patient = statement.column(AUDIT_EVENT.PATIENT_ID);
    requestId = statement.column(AUDIT_EVENT.REQUEST_ID);
    status = statement.column(AUDIT_EVENT.STATUS);
    problem = statement.column(AUDIT_EVENT.PROBLEM);
    first = statement.column(AUDIT_EVENT.FIRST_CREATED_AT);
    last = statement.column(AUDIT_EVENT.LAST_CREATED_AT);
    count = statement.column(AUDIT_EVENT.SHOWN_COUNT);
    ids = statement.column(AUDIT_EVENT.SHOWN_IDS);
    queryHash = statement.column(AUDIT_EVENT.QUERY_HASH);
  }

  @Override
  public AuditRow map(ResultSet row) throws SQLException {
    UUID ofPatient = patient.getOrNull(row);
    String[] shownIds = ids.getOrNull(row);
    return new AuditRow(
        new LogPosition(transaction.get(row), number.get(row)),
        new AuditEntry(
            occurredAt.get(row),
            new TenantInstance(tenant.get(row), instance.get(row)),
            CallerType.valueOf(callerType.get(row)),
            credentialId.get(row),
            subject.get(row),
            breakGlass.get(row),
            address.get(row),
            operation.get(row),
            ofPatient == null ? null : new PatientId(ofPatient),
            requestId.get(row),
            status.get(row),
            problem.getOrNull(row),
            new Disclosure(
                first.getOrNull(row),
                last.getOrNull(row),
                count.getOrNull(row),
                shownIds == null ? List.of() : List.of(shownIds),
                queryHash.getOrNull(row))));
  }
}
