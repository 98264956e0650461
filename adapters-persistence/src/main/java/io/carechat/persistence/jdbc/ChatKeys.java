package io.carechat.persistence.jdbc;

import static io.carechat.persistence.generated.Tables.MESSAGE;
import static org.jooq.impl.DSL.row;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.PatientId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.persistence.generated.tables.Chat;
import io.carechat.persistence.generated.tables.ChatEvent;
import io.carechat.persistence.generated.tables.Message;
import io.carechat.persistence.generated.tables.ReadMarker;
import java.util.UUID;
import org.jooq.Row2;
import org.jooq.Row3;
import org.jooq.Table;

/**
 * The columns that name an instance or a chat, of each table that has them. Rows of two tables
 * belong together where these are equal.
 */
public final class ChatKeys {
  private ChatKeys() {}

  /** The parameters of an instance. */
  public static Row2<String, String> instance() {
    return row(Parameters.TENANT, Parameters.INSTANCE);
  }

  /** The parameters of a chat. */
  public static Row3<String, String, UUID> chat() {
    return row(Parameters.TENANT, Parameters.INSTANCE, Parameters.PATIENT);
  }

  public static Row2<String, String> instance(Chat table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME);
  }

  public static Row2<String, String> instance(Message table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME);
  }

  public static Row2<String, String> instance(ChatEvent table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME);
  }

  public static Row3<String, String, UUID> chat(Chat table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID);
  }

  public static Row3<String, String, UUID> chat(Message table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID);
  }

  public static Row3<String, String, UUID> chat(ChatEvent table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID);
  }

  public static Row3<String, String, UUID> chat(ReadMarker table) {
    return row(table.TENANT_NAME, table.INSTANCE_NAME, table.PATIENT_ID);
  }

  /** Of a table that a statement makes itself. */
  public static Row3<String, String, UUID> chat(Table<?> table) {
    return row(
        Sql.column(table, MESSAGE.TENANT_NAME),
        Sql.column(table, MESSAGE.INSTANCE_NAME),
        Sql.column(table, MESSAGE.PATIENT_ID));
  }

  /** Of the rows that a statement is given. */
  public static Row3<String, String, UUID> chat(GivenRows rows) {
    return row(
        rows.field(MESSAGE.TENANT_NAME),
        rows.field(MESSAGE.INSTANCE_NAME),
        rows.field(MESSAGE.PATIENT_ID));
  }

  /** Reads the instance that a statement's rows are of. */
  public static RowMapper<TenantInstance> instances(SqlStatement statement) {
    Column<String> tenant = statement.column(MESSAGE.TENANT_NAME);
    Column<String> instance = statement.column(MESSAGE.INSTANCE_NAME);
    return row -> new TenantInstance(tenant.get(row), instance.get(row));
  }

  /** Reads the chat that a statement's rows are of. */
  public static RowMapper<ChatId> chats(SqlStatement statement) {
    RowMapper<TenantInstance> instance = instances(statement);
    Column<UUID> patient = statement.column(MESSAGE.PATIENT_ID);
    return row -> new ChatId(instance.map(row), new PatientId(patient.get(row)));
  }
}
