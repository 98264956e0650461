package io.carechat.persistence.audit;

import static io.carechat.persistence.generated.Tables.AUDIT_EVENT;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static io.carechat.persistence.jdbc.Sql.column;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.rowNumber;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.audit.AuditFilter;
import io.carechat.domain.audit.AuditKey;
import io.carechat.domain.audit.AuditQueries.Found;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.SortField;
import org.jooq.SortOrder;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/**
 * Reads a page of the audit. It walks along the index of the instance or of the patient, and looks
 * at a bounded number of rows. Immutable.
 */
final class AuditPageQuery {
  private static final Param<Instant> FROM = Parameters.time("from");
  private static final Param<Instant> TO = Parameters.time("to");
  private static final Param<Instant> CURSOR_TIME = Parameters.time("cursor_time");
  private static final Param<Long> CURSOR_TRANSACTION = Parameters.bigint("cursor_transaction");
  private static final Param<Long> CURSOR_NUMBER = Parameters.bigint("cursor_number");
  private static final Param<String> CREDENTIAL = Parameters.text("credential");
  private static final Param<String> OPERATION = Parameters.text("operation");

  /** How many rows are looked at. */
  private static final Param<Integer> EXAMINED = Parameters.integer("examined");

  private static final List<Field<?>> KEY =
      List.of(AUDIT_EVENT.OCCURRED_AT, AUDIT_EVENT.LOG_TRANSACTION, AUDIT_EVENT.LOG_NUMBER);

  private static final Field<Integer> EXAMINED_AS = field(name("examined_as"), SQLDataType.INTEGER);

  private final boolean ascending;
  private final boolean ofPatient;
  private final SqlStatement statement;
  private final AuditColumns rows;
  private final Column<Integer> examinedAs;

  /**
   * @param ofPatient only rows of one patient
   * @param ascending those after the cursor, oldest first, or else those before it, newest first
   */
  AuditPageQuery(boolean ofPatient, boolean ascending) {
    this.ascending = ascending;
    this.ofPatient = ofPatient;
    statement = SqlStatement.ofInstance(query());
    rows = new AuditColumns(statement);
    examinedAs = statement.column(EXAMINED_AS);
  }

  private Query query() {
    Condition which = instance(AUDIT_EVENT).eq(instance());
    if (ofPatient) {
      which = which.and(AUDIT_EVENT.PATIENT_ID.eq(Parameters.PATIENT));
    }
    var key = row(AUDIT_EVENT.OCCURRED_AT, AUDIT_EVENT.LOG_TRANSACTION, AUDIT_EVENT.LOG_NUMBER);
    var cursor = row(CURSOR_TIME, CURSOR_TRANSACTION, CURSOR_NUMBER);
    Table<Record> examined =
        select(AuditColumns.FIELDS)
            .from(AUDIT_EVENT)
            .where(which)
            .and(AUDIT_EVENT.OCCURRED_AT.ge(FROM))
            .and(AUDIT_EVENT.OCCURRED_AT.lt(TO))
            .and(ascending ? key.gt(cursor) : key.lt(cursor))
            .orderBy(KEY.stream().map(this::sorted).toList())
            .limit(EXAMINED)
            .asTable("examined");
    Table<Record> numbered =
        select(examined.asterisk(), rowNumber().over().as(EXAMINED_AS.getName()))
            .from(examined)
            .asTable("numbered");
    Condition matches =
        is(column(numbered, AUDIT_EVENT.CREDENTIAL_ID), CREDENTIAL)
            .and(is(column(numbered, AUDIT_EVENT.OPERATION), OPERATION));
    return select(columns(numbered))
        .from(numbered)
        // The last one that was looked at shows where to go on.
        .where(matches.or(column(numbered, EXAMINED_AS).eq(EXAMINED)))
        .orderBy(column(numbered, EXAMINED_AS))
        .limit(Parameters.LIMIT);
  }

  private static List<Field<?>> columns(Table<?> numbered) {
    var columns = new ArrayList<Field<?>>();
    AuditColumns.FIELDS.forEach(field -> columns.add(column(numbered, field)));
    columns.add(column(numbered, EXAMINED_AS).cast(SQLDataType.INTEGER).as(EXAMINED_AS.getName()));
    return columns;
  }

  /** Whether a column has the value of a parameter, if that is not null. */
  private static Condition is(Field<String> column, Param<String> param) {
    return column.eq(coalesce(param, column));
  }

  private SortField<?> sorted(Field<?> field) {
    return field.sort(ascending ? SortOrder.ASC : SortOrder.DESC);
  }

  private record Numbered(AuditRow row, int number) {}

  /**
   * @param cursor exclusive
   * @param limit how many rows are returned at most
   * @param maxExamined how many rows are looked at if the filter has conditions without an index
   */
  Found read(
      Connections connections,
      TenantInstance instance,
      AuditFilter filter,
      AuditKey cursor,
      int limit,
      int maxExamined) {
    boolean examines = filter.credentialId() != null || filter.operation() != null;
    int most = examines ? maxExamined : limit;
    BoundStatement bound =
        statement
            .bind()
            .instance(instance)
            .set(FROM, orElse(filter.from(), Parameters.START_OF_TIME))
            .set(TO, orElse(filter.to(), Parameters.END_OF_TIME))
            .set(CURSOR_TIME, cursor.occurredAt())
            .set(CURSOR_TRANSACTION, cursor.position().transaction())
            .set(CURSOR_NUMBER, cursor.position().number())
            .set(CREDENTIAL, filter.credentialId())
            .set(OPERATION, filter.operation())
            .set(EXAMINED, most)
            .set(Parameters.LIMIT, limit);
    PatientId patient = filter.patient();
    if (ofPatient && patient != null) {
      bound.set(Parameters.PATIENT, patient.value());
    }
    List<Numbered> read =
        connections.read(bound, row -> new Numbered(rows.map(row), examinedAs.get(row)));
    List<AuditRow> found =
        read.stream().map(Numbered::row).filter(row -> filter.matches(row.entry())).toList();
    boolean mayBeMore =
        examines && found.size() < limit && !read.isEmpty() && read.getLast().number() == most;
    return new Found(
        ascending ? found.reversed() : found, mayBeMore ? read.getLast().row().key() : null);
  }

  private static Instant orElse(@Nullable Instant time, Instant other) {
    return time == null ? other : time;
  }
}
