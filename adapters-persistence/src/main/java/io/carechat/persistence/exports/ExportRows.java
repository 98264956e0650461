package io.carechat.persistence.exports;

import static io.carechat.persistence.generated.Tables.CHAT_EXPORT;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.exports.Export;
import io.carechat.domain.exports.ExportFormat;
import io.carechat.domain.exports.ExportId;
import io.carechat.domain.exports.ExportProgress;
import io.carechat.domain.exports.ExportRequest;
import io.carechat.domain.exports.ExportSource;
import io.carechat.domain.exports.ExportState;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Reads exports from the rows of a statement. Immutable. */
final class ExportRows implements RowMapper<Export> {
  static final Param<UUID> ID = Parameters.uuid("export_id");

  /** The columns that are read. */
  static final List<Field<?>> FIELDS =
      List.of(
          CHAT_EXPORT.TENANT_NAME,
          CHAT_EXPORT.INSTANCE_NAME,
          CHAT_EXPORT.EXPORT_ID,
          CHAT_EXPORT.PATIENT_ID,
          CHAT_EXPORT.FORMAT,
          CHAT_EXPORT.CREATED_FROM,
          CHAT_EXPORT.CREATED_TO,
          CHAT_EXPORT.CREATED_AT,
          CHAT_EXPORT.THROUGH_TRANSACTION,
          CHAT_EXPORT.STATE,
          CHAT_EXPORT.MESSAGES,
          CHAT_EXPORT.BYTES,
          CHAT_EXPORT.FIRST_TRANSACTION,
          CHAT_EXPORT.FIRST_NUMBER,
          CHAT_EXPORT.LAST_TRANSACTION,
          CHAT_EXPORT.LAST_NUMBER,
          CHAT_EXPORT.SHA256,
          CHAT_EXPORT.FINISHED_AT,
          CHAT_EXPORT.EXPIRES_AT);

  /** The state of exports that nobody finds any more. */
  static final String DELETED_STATE = "DELETED";

  /** The same, as a value in a statement. */
  static final Field<String> DELETED = DSL.inline(DELETED_STATE);

  private final RowMapper<TenantInstance> instance;
  private final Column<UUID> id;
  private final Column<UUID> patient;
  private final Column<String> format;
  private final Column<Instant> from;
  private final Column<Instant> to;
  private final Column<Instant> createdAt;
  private final Column<Long> through;
  private final Column<String> state;
  private final Column<Long> messages;
  private final Column<Long> bytes;
  private final Column<Long> firstTransaction;
  private final Column<Long> firstNumber;
  private final Column<Long> lastTransaction;
  private final Column<Long> lastNumber;
  private final Column<String> sha256;
  private final Column<Instant> finishedAt;
  private final Column<Instant> expiresAt;

  /** For a statement that selects {@link #FIELDS}. */
  ExportRows(SqlStatement statement) {
    instance = ChatKeys.instances(statement);
    id = statement.column(CHAT_EXPORT.EXPORT_ID);
    patient = statement.column(CHAT_EXPORT.PATIENT_ID);
    format = statement.column(CHAT_EXPORT.FORMAT);
    from = statement.column(CHAT_EXPORT.CREATED_FROM);
    to = statement.column(CHAT_EXPORT.CREATED_TO);
    createdAt = statement.column(CHAT_EXPORT.CREATED_AT);
    through = statement.column(CHAT_EXPORT.THROUGH_TRANSACTION);
    state = statement.column(CHAT_EXPORT.STATE);
    messages = statement.column(CHAT_EXPORT.MESSAGES);
    bytes = statement.column(CHAT_EXPORT.BYTES);
    firstTransaction = statement.column(CHAT_EXPORT.FIRST_TRANSACTION);
    firstNumber = statement.column(CHAT_EXPORT.FIRST_NUMBER);
    lastTransaction = statement.column(CHAT_EXPORT.LAST_TRANSACTION);
    lastNumber = statement.column(CHAT_EXPORT.LAST_NUMBER);
    sha256 = statement.column(CHAT_EXPORT.SHA256);
    finishedAt = statement.column(CHAT_EXPORT.FINISHED_AT);
    expiresAt = statement.column(CHAT_EXPORT.EXPIRES_AT);
  }

  /** Whether a row is of the export that the parameters name. */
  static Condition isThisOne() {
    return ofInstance().and(CHAT_EXPORT.EXPORT_ID.eq(ID));
  }

  /** Whether a row is of the instance that the parameters name. */
  static Condition ofInstance() {
    return CHAT_EXPORT
        .TENANT_NAME
        .eq(Parameters.TENANT)
        .and(CHAT_EXPORT.INSTANCE_NAME.eq(Parameters.INSTANCE));
  }

  /** Whether an export is in a state. */
  static Condition isIn(ExportState... states) {
    return CHAT_EXPORT.STATE.in(
        Arrays.stream(states).map(state -> DSL.inline(state.name())).toList());
  }

  @Override
  public Export map(ResultSet row) throws SQLException {
    return new Export(
        new ExportId(id.get(row)),
        new ExportRequest(
            source(instance.map(row), patient.getOrNull(row)),
            ExportFormat.valueOf(format.get(row)),
            from.getOrNull(row),
            to.getOrNull(row)),
        createdAt.get(row),
        new LogPosition(through.get(row), Long.MAX_VALUE),
        ExportState.valueOf(state.get(row)),
        new ExportProgress(
            messages.get(row),
            bytes.get(row),
            position(firstTransaction.getOrNull(row), firstNumber.getOrNull(row)),
            position(lastTransaction.getOrNull(row), lastNumber.getOrNull(row))),
        sha256.getOrNull(row),
        finishedAt.getOrNull(row),
        expiresAt.get(row));
  }

  private static ExportSource source(TenantInstance instance, @Nullable UUID patient) {
    return patient == null
        ? new ExportSource.OfInstance(instance)
        : new ExportSource.OfChat(new ChatId(instance, new PatientId(patient)));
  }

  private static @Nullable LogPosition position(@Nullable Long transaction, @Nullable Long number) {
    return transaction == null || number == null ? null : new LogPosition(transaction, number);
  }
}
