package io.carechat.persistence.exports;

import static io.carechat.persistence.generated.Tables.CHAT_EXPORT;
import static io.carechat.persistence.generated.Tables.CHAT_EXPORT_FENCE;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.update;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.exports.ExportState;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import org.jooq.Condition;
import org.jooq.UpdateSetMoreStep;
import org.jooq.impl.SQLDataType;

/**
 * Keeps exports and erasures of an instance apart. There is one row for each instance. Whoever
 * erases a chat locks it until the erasure is committed, and counts. Whoever writes to a file, or
 * asks for an export, locks it too, and compares the count with that of the claim. So a worker that
 * has read messages before an erasure cannot store them after it.
 *
 * <p>The row is always locked before the rows of exports, so that nobody waits in a circle.
 */
public final class ExportFence {
  private static final SqlStatement ADD =
      SqlStatement.of(
          insertInto(
                  CHAT_EXPORT_FENCE,
                  CHAT_EXPORT_FENCE.TENANT_NAME,
                  CHAT_EXPORT_FENCE.INSTANCE_NAME,
                  CHAT_EXPORT_FENCE.ERASURES)
              .values(Parameters.TENANT, Parameters.INSTANCE, inline(0L).cast(SQLDataType.BIGINT))
              .onConflictDoNothing());

  private static final SqlStatement LOCK =
      SqlStatement.of(
          select(CHAT_EXPORT_FENCE.ERASURES)
              .from(CHAT_EXPORT_FENCE)
              .where(ofInstance())
              .forUpdate());

  private static final SqlStatement SHARE =
      SqlStatement.of(
          select(CHAT_EXPORT_FENCE.ERASURES)
              .from(CHAT_EXPORT_FENCE)
              .where(ofInstance())
              .forShare());

  private static final Column<Long> ERASURES = SHARE.column(CHAT_EXPORT_FENCE.ERASURES);

  private static final SqlStatement COUNT =
      SqlStatement.of(
          update(CHAT_EXPORT_FENCE)
              .set(CHAT_EXPORT_FENCE.ERASURES, CHAT_EXPORT_FENCE.ERASURES.plus(inline(1L)))
              .where(ofInstance()));

  private static final SqlStatement DELETE_OF_CHAT =
      SqlStatement.of(
          deletion()
              .where(ExportRows.ofInstance())
              .and(CHAT_EXPORT.PATIENT_ID.eq(Parameters.PATIENT))
              .and(CHAT_EXPORT.STATE.ne(ExportRows.DELETED)));

  private static final SqlStatement DISCARD_OF_INSTANCE =
      SqlStatement.of(
          update(CHAT_EXPORT)
              .set(CHAT_EXPORT.STATE, inline(ExportState.DISCARDED.name()))
              .set(CHAT_EXPORT.WORKER, castNull(CHAT_EXPORT.WORKER))
              .set(CHAT_EXPORT.LEASE_END, castNull(CHAT_EXPORT.LEASE_END))
              .where(ExportRows.ofInstance())
              .and(CHAT_EXPORT.PATIENT_ID.isNull())
              .and(ExportRows.isIn(ExportState.WAITING, ExportState.RUNNING, ExportState.DONE)));

  private ExportFence() {}

  private static Condition ofInstance() {
    return CHAT_EXPORT_FENCE
        .TENANT_NAME
        .eq(Parameters.TENANT)
        .and(CHAT_EXPORT_FENCE.INSTANCE_NAME.eq(Parameters.INSTANCE));
  }

  /** Makes exports invisible; the condition is to be added. */
  static UpdateSetMoreStep<?> deletion() {
    return update(CHAT_EXPORT)
        .set(CHAT_EXPORT.STATE, ExportRows.DELETED)
        .set(CHAT_EXPORT.WORKER, castNull(CHAT_EXPORT.WORKER))
        .set(CHAT_EXPORT.LEASE_END, castNull(CHAT_EXPORT.LEASE_END))
        .set(CHAT_EXPORT.IDEMPOTENCY_KEY, castNull(CHAT_EXPORT.IDEMPOTENCY_KEY));
  }

  /** Locks the row of an instance, alone, until the transaction ends. */
  static void lock(Connection connection, TenantInstance instance) throws SQLException {
    int _ = ADD.bind().instance(instance).execute(connection);
    LOCK.bind().instance(instance).lock(connection);
  }

  /**
   * Locks the row of an instance, beside others that do the same, until the transaction ends.
   *
   * @return how many chats of the instance were erased
   */
  static long share(Connection connection, TenantInstance instance) throws SQLException {
    return SHARE
        .bind()
        .instance(instance)
        .readFirst(connection, ERASURES::get)
        .orElseThrow(() -> new IllegalStateException("an export was stored without its fence"));
  }

  /**
   * Removes what contains messages of a chat, in the transaction that erases the chat: see {@link
   * io.carechat.domain.exports.ExportStore#deleteOfChat}. To be called before the messages are
   * deleted or after it; what matters is that it is the same transaction. It waits for a part of an
   * export that is being stored, which is short.
   *
   * @param connection is in a transaction, which is "read committed"
   */
  public static void deleteOfChat(Connection connection, ChatId chat) throws SQLException {
    lock(connection, chat.instance());
    // These statements begin after the lock was granted, so they see every part that was stored.
    int _ = COUNT.bind().instance(chat.instance()).execute(connection);
    int _ = DELETE_OF_CHAT.bind().chat(chat).execute(connection);
    int _ = DISCARD_OF_INSTANCE.bind().instance(chat.instance()).execute(connection);
  }
}
