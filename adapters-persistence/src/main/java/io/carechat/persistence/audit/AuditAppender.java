package io.carechat.persistence.audit;

import static io.carechat.persistence.generated.Tables.AUDIT_EVENT;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.chat.PatientId;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** Stores audit entries, many in one transaction and one round trip. */
final class AuditAppender {
  /** The ids of a row, with commas between them: an array of arrays would be one array. */
  private static final Field<String> IDS = field(name("ids"), SQLDataType.CLOB);

  private static final GivenRows GIVEN =
      GivenRows.numbered(
          "given",
          AUDIT_EVENT.TENANT_NAME,
          AUDIT_EVENT.INSTANCE_NAME,
          AUDIT_EVENT.OCCURRED_AT,
          AUDIT_EVENT.CALLER_TYPE,
          AUDIT_EVENT.CREDENTIAL_ID,
          AUDIT_EVENT.SUBJECT,
          AUDIT_EVENT.BREAK_GLASS,
          AUDIT_EVENT.ADDRESS,
          AUDIT_EVENT.OPERATION,
          AUDIT_EVENT.PATIENT_ID,
          AUDIT_EVENT.REQUEST_ID,
          AUDIT_EVENT.STATUS,
          AUDIT_EVENT.PROBLEM,
          AUDIT_EVENT.FIRST_CREATED_AT,
          AUDIT_EVENT.LAST_CREATED_AT,
          AUDIT_EVENT.SHOWN_COUNT,
          IDS,
          AUDIT_EVENT.QUERY_HASH);

  private static final SqlStatement APPEND = SqlStatement.of(LogOrder.enterAudit(), insert());

  private AuditAppender() {}

  private static Query insert() {
    return insertInto(
            AUDIT_EVENT,
            AUDIT_EVENT.TENANT_NAME,
            AUDIT_EVENT.INSTANCE_NAME,
            AUDIT_EVENT.LOG_TRANSACTION,
            AUDIT_EVENT.LOG_NUMBER,
            AUDIT_EVENT.OCCURRED_AT,
            AUDIT_EVENT.CALLER_TYPE,
            AUDIT_EVENT.CREDENTIAL_ID,
            AUDIT_EVENT.SUBJECT,
            AUDIT_EVENT.BREAK_GLASS,
            AUDIT_EVENT.ADDRESS,
            AUDIT_EVENT.OPERATION,
            AUDIT_EVENT.PATIENT_ID,
            AUDIT_EVENT.REQUEST_ID,
            AUDIT_EVENT.STATUS,
            AUDIT_EVENT.PROBLEM,
            AUDIT_EVENT.FIRST_CREATED_AT,
            AUDIT_EVENT.LAST_CREATED_AT,
            AUDIT_EVENT.SHOWN_COUNT,
            AUDIT_EVENT.SHOWN_IDS,
            AUDIT_EVENT.QUERY_HASH)
        .select(
            select(
                    GIVEN.field(AUDIT_EVENT.TENANT_NAME),
                    GIVEN.field(AUDIT_EVENT.INSTANCE_NAME),
                    LogOrder.OWN_ID,
                    // Unique, because a transaction has one such statement.
                    GIVEN.ordinal(),
                    GIVEN.field(AUDIT_EVENT.OCCURRED_AT),
                    GIVEN.field(AUDIT_EVENT.CALLER_TYPE),
                    GIVEN.field(AUDIT_EVENT.CREDENTIAL_ID),
                    GIVEN.field(AUDIT_EVENT.SUBJECT),
                    GIVEN.field(AUDIT_EVENT.BREAK_GLASS),
                    GIVEN.field(AUDIT_EVENT.ADDRESS),
                    GIVEN.field(AUDIT_EVENT.OPERATION),
                    GIVEN.field(AUDIT_EVENT.PATIENT_ID),
                    GIVEN.field(AUDIT_EVENT.REQUEST_ID),
                    GIVEN.field(AUDIT_EVENT.STATUS),
                    GIVEN.field(AUDIT_EVENT.PROBLEM),
                    GIVEN.field(AUDIT_EVENT.FIRST_CREATED_AT),
                    GIVEN.field(AUDIT_EVENT.LAST_CREATED_AT),
                    GIVEN.field(AUDIT_EVENT.SHOWN_COUNT),
                    field(
                        "string_to_array({0}, ',')",
                        AUDIT_EVENT.SHOWN_IDS.getDataType(), GIVEN.field(IDS)),
                    GIVEN.field(AUDIT_EVENT.QUERY_HASH))
                .from(GIVEN.table()));
  }

  /** Stores a batch in a transaction of its own. It is committed when this returns. */
  static void append(Connection connection, List<AuditEntry> batch) throws SQLException {
    int stored =
        APPEND
            .bind()
            .set(GIVEN, AUDIT_EVENT.TENANT_NAME, batch, entry -> entry.instance().tenantName())
            .set(GIVEN, AUDIT_EVENT.INSTANCE_NAME, batch, entry -> entry.instance().instanceName())
            .set(GIVEN, AUDIT_EVENT.OCCURRED_AT, batch, AuditEntry::occurredAt)
            .set(GIVEN, AUDIT_EVENT.CALLER_TYPE, batch, entry -> entry.callerType().name())
            .set(GIVEN, AUDIT_EVENT.CREDENTIAL_ID, batch, AuditEntry::credentialId)
            .set(GIVEN, AUDIT_EVENT.SUBJECT, batch, AuditEntry::subject)
            .set(GIVEN, AUDIT_EVENT.BREAK_GLASS, batch, AuditEntry::breakGlass)
            .set(GIVEN, AUDIT_EVENT.ADDRESS, batch, AuditEntry::address)
            .set(GIVEN, AUDIT_EVENT.OPERATION, batch, AuditEntry::operation)
            .set(GIVEN, AUDIT_EVENT.PATIENT_ID, batch, entry -> value(entry.patient()))
            .set(GIVEN, AUDIT_EVENT.REQUEST_ID, batch, AuditEntry::requestId)
            .set(GIVEN, AUDIT_EVENT.STATUS, batch, AuditEntry::status)
            .set(GIVEN, AUDIT_EVENT.PROBLEM, batch, AuditEntry::problem)
            .set(GIVEN, AUDIT_EVENT.FIRST_CREATED_AT, batch, entry -> entry.shown().first())
            .set(GIVEN, AUDIT_EVENT.LAST_CREATED_AT, batch, entry -> entry.shown().last())
            .set(GIVEN, AUDIT_EVENT.SHOWN_COUNT, batch, entry -> entry.shown().count())
            .set(GIVEN, IDS, batch, entry -> joined(entry.shown().ids()))
            .set(GIVEN, AUDIT_EVENT.QUERY_HASH, batch, entry -> entry.shown().queryHash())
            .execute(connection);
    if (stored != batch.size()) {
      throw new IllegalStateException("PostgreSQL did not store every entry");
    }
  }

  private static @Nullable UUID value(@Nullable PatientId patient) {
    return patient == null ? null : patient.value();
  }

  private static @Nullable String joined(List<String> ids) {
    return ids.isEmpty() ? null : String.join(",", ids);
  }
}
