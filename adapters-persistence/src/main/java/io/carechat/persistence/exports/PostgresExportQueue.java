package io.carechat.persistence.exports;

import static io.carechat.persistence.generated.Tables.CHAT_EXPORT;
import static io.carechat.persistence.generated.Tables.CHAT_EXPORT_FENCE;
import static io.carechat.persistence.generated.Tables.CHAT_EXPORT_PART;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.param;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.update;
import static org.jooq.impl.DSL.when;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.exports.ExportProgress;
import io.carechat.domain.exports.ExportQueue;
import io.carechat.domain.exports.ExportState;
import io.carechat.persistence.generated.tables.ChatExport;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/** The exports that are to be written, in PostgreSQL. */
public final class PostgresExportQueue implements ExportQueue {
  private static final Param<UUID> WORKER = Parameters.uuid("worker");
  private static final Param<Instant> NOW = Parameters.time("now");
  private static final Param<Instant> LEASE_END = Parameters.time("lease_end");
  private static final Param<Instant> EXPIRES_AT = Parameters.time("expires_at");
  private static final Param<Boolean> WHOLE = Parameters.bool("whole");
  private static final Param<Long> ERASURES = Parameters.bigint("erasures");
  private static final Param<Long> BYTES_BEFORE = Parameters.bigint("bytes_before");
  private static final Param<Long> BYTES = Parameters.like(CHAT_EXPORT.BYTES);
  private static final Param<Long> MESSAGES = Parameters.like(CHAT_EXPORT.MESSAGES);
  private static final Param<Long> AFTER_TRANSACTION =
      Parameters.like(CHAT_EXPORT.AFTER_TRANSACTION);
  private static final Param<Long> AFTER_NUMBER = Parameters.like(CHAT_EXPORT.AFTER_NUMBER);
  private static final Param<Long> FIRST_TRANSACTION =
      Parameters.like(CHAT_EXPORT.FIRST_TRANSACTION);
  private static final Param<Long> FIRST_NUMBER = Parameters.like(CHAT_EXPORT.FIRST_NUMBER);
  private static final Param<Long> LAST_TRANSACTION = Parameters.like(CHAT_EXPORT.LAST_TRANSACTION);
  private static final Param<Long> LAST_NUMBER = Parameters.like(CHAT_EXPORT.LAST_NUMBER);
  private static final Param<String> SHA256 = Parameters.like(CHAT_EXPORT.SHA256);
  private static final Param<Instant> FINISHED_AT = Parameters.time("finished_at");
  private static final Param<byte[]> PART = param("part", CHAT_EXPORT_PART.BYTES.getDataType());

  /** Claims are made one after the other, on all nodes: so an instance cannot get two at once. */
  private static final SqlStatement LOCK_CLAIMS =
      SqlStatement.of(
          select(field("pg_advisory_xact_lock({0}, 0)", Object.class, inline(1_667_330_403))));

  private static final SqlStatement CLAIM = SqlStatement.of(claim());
  private static final ExportRows CLAIMED = new ExportRows(CLAIM);
  private static final Column<Long> CLAIMED_TRANSACTION =
      CLAIM.column(CHAT_EXPORT.AFTER_TRANSACTION);
  private static final Column<Long> CLAIMED_NUMBER = CLAIM.column(CHAT_EXPORT.AFTER_NUMBER);
  private static final Column<Integer> CLAIMED_ATTEMPTS = CLAIM.column(CHAT_EXPORT.ATTEMPTS);

  private static final SqlStatement ADVANCE =
      SqlStatement.of(
          update(CHAT_EXPORT)
              .set(CHAT_EXPORT.LEASE_END, LEASE_END)
              .set(CHAT_EXPORT.EXPIRES_AT, EXPIRES_AT)
              .set(
                  CHAT_EXPORT.ATTEMPTS,
                  when(
                          row(CHAT_EXPORT.AFTER_TRANSACTION, CHAT_EXPORT.AFTER_NUMBER)
                              .eq(row(AFTER_TRANSACTION, AFTER_NUMBER)),
                          CHAT_EXPORT.ATTEMPTS)
                      .otherwise(inline(0)))
              .set(CHAT_EXPORT.AFTER_TRANSACTION, AFTER_TRANSACTION)
              .set(CHAT_EXPORT.AFTER_NUMBER, AFTER_NUMBER)
              .set(CHAT_EXPORT.MESSAGES, MESSAGES)
              .set(CHAT_EXPORT.BYTES, BYTES)
              .set(CHAT_EXPORT.FIRST_TRANSACTION, FIRST_TRANSACTION)
              .set(CHAT_EXPORT.FIRST_NUMBER, FIRST_NUMBER)
              .set(CHAT_EXPORT.LAST_TRANSACTION, LAST_TRANSACTION)
              .set(CHAT_EXPORT.LAST_NUMBER, LAST_NUMBER)
              .where(isClaimedBefore()));

  private static final SqlStatement ADD_PART =
      SqlStatement.of(
          insertInto(CHAT_EXPORT_PART)
              .set(CHAT_EXPORT_PART.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_EXPORT_PART.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_EXPORT_PART.EXPORT_ID, ExportRows.ID)
              .set(CHAT_EXPORT_PART.FIRST_BYTE, BYTES_BEFORE)
              .set(CHAT_EXPORT_PART.BYTES, PART));

  private static final SqlStatement FINISH =
      SqlStatement.of(
          update(CHAT_EXPORT)
              .set(CHAT_EXPORT.STATE, inline(ExportState.DONE.name()))
              .set(CHAT_EXPORT.WORKER, castNull(CHAT_EXPORT.WORKER))
              .set(CHAT_EXPORT.LEASE_END, castNull(CHAT_EXPORT.LEASE_END))
              .set(CHAT_EXPORT.SHA256, SHA256)
              .set(CHAT_EXPORT.FINISHED_AT, FINISHED_AT)
              .set(CHAT_EXPORT.EXPIRES_AT, EXPIRES_AT)
              .where(isClaimedBefore()));

  private static final SqlStatement FAIL =
      SqlStatement.of(
          update(CHAT_EXPORT)
              .set(CHAT_EXPORT.STATE, inline(ExportState.FAILED.name()))
              .set(CHAT_EXPORT.WORKER, castNull(CHAT_EXPORT.WORKER))
              .set(CHAT_EXPORT.LEASE_END, castNull(CHAT_EXPORT.LEASE_END))
              .set(CHAT_EXPORT.FINISHED_AT, FINISHED_AT)
              .where(ExportRows.isThisOne())
              .and(CHAT_EXPORT.WORKER.eq(WORKER)));

  private static final SqlStatement EXPIRE =
      SqlStatement.of(
          ExportFence.deletion()
              .where(
                  row(CHAT_EXPORT.TENANT_NAME, CHAT_EXPORT.INSTANCE_NAME, CHAT_EXPORT.EXPORT_ID)
                      .in(
                          select(
                                  CHAT_EXPORT.TENANT_NAME,
                                  CHAT_EXPORT.INSTANCE_NAME,
                                  CHAT_EXPORT.EXPORT_ID)
                              .from(CHAT_EXPORT)
                              .where(CHAT_EXPORT.EXPIRES_AT.le(NOW))
                              .and(CHAT_EXPORT.STATE.ne(ExportRows.DELETED))
                              .orderBy(CHAT_EXPORT.EXPIRES_AT)
                              .limit(Parameters.LIMIT)
                              .forUpdate()
                              .skipLocked())));

  private static final SqlStatement NEXT_TO_REMOVE =
      SqlStatement.of(
          select(
                  CHAT_EXPORT.TENANT_NAME,
                  CHAT_EXPORT.INSTANCE_NAME,
                  CHAT_EXPORT.EXPORT_ID,
                  CHAT_EXPORT.STATE)
              .from(CHAT_EXPORT)
              .where(
                  CHAT_EXPORT.STATE.in(
                      ExportRows.DELETED,
                      inline(ExportState.DISCARDED.name()),
                      inline(ExportState.FAILED.name())))
              .and(CHAT_EXPORT.PARTS_REMOVED.isFalse())
              .orderBy(CHAT_EXPORT.EXPIRES_AT)
              .limit(inline(1))
              .forUpdate()
              .skipLocked());

  private static final RowMapper<TenantInstance> REMOVED_OF = ChatKeys.instances(NEXT_TO_REMOVE);
  private static final Column<UUID> REMOVED_ID = NEXT_TO_REMOVE.column(CHAT_EXPORT.EXPORT_ID);
  private static final Column<String> REMOVED_STATE = NEXT_TO_REMOVE.column(CHAT_EXPORT.STATE);

  private static final SqlStatement DELETE_PARTS =
      SqlStatement.of(
          deleteFrom(CHAT_EXPORT_PART)
              .where(ofExport())
              .and(
                  CHAT_EXPORT_PART.FIRST_BYTE.in(
                      select(CHAT_EXPORT_PART.FIRST_BYTE)
                          .from(CHAT_EXPORT_PART)
                          .where(ofExport())
                          .orderBy(CHAT_EXPORT_PART.FIRST_BYTE)
                          .limit(Parameters.LIMIT))));

  private static final SqlStatement DELETE_ROW =
      SqlStatement.of(deleteFrom(CHAT_EXPORT).where(ExportRows.isThisOne()));

  private static final SqlStatement NOTE_REMOVAL =
      SqlStatement.of(
          update(CHAT_EXPORT)
              .set(CHAT_EXPORT.PARTS_REMOVED, inline(true))
              .where(ExportRows.isThisOne()));

  private final Connections connections;

  private record Removal(TenantInstance instance, UUID id, boolean isDeleted) {}

  /**
   * @param connections connections that see all instances
   */
  public PostgresExportQueue(Connections connections) {
    this.connections = connections;
  }

  /** One that has a worker before one that waits, and the older before the younger. */
  private static Query claim() {
    ChatExport running = CHAT_EXPORT.as("running");
    Condition canGoOn =
        ExportRows.isIn(ExportState.RUNNING)
            .and(CHAT_EXPORT.WORKER.eq(WORKER).or(CHAT_EXPORT.LEASE_END.le(NOW)));
    Condition canBegin =
        ExportRows.isIn(ExportState.WAITING)
            .and(
                notExists(
                    selectOne()
                        .from(running)
                        .where(running.TENANT_NAME.eq(CHAT_EXPORT.TENANT_NAME))
                        .and(running.INSTANCE_NAME.eq(CHAT_EXPORT.INSTANCE_NAME))
                        .and(running.STATE.eq(inline(ExportState.RUNNING.name())))
                        .and(running.PATIENT_ID.isNull().eq(WHOLE))));
    return update(CHAT_EXPORT)
        .set(CHAT_EXPORT.STATE, inline(ExportState.RUNNING.name()))
        .set(CHAT_EXPORT.WORKER, WORKER)
        .set(CHAT_EXPORT.LEASE_END, LEASE_END)
        .set(CHAT_EXPORT.ATTEMPTS, CHAT_EXPORT.ATTEMPTS.plus(inline(1)))
        .set(
            CHAT_EXPORT.ERASURES,
            coalesce(
                field(
                    select(CHAT_EXPORT_FENCE.ERASURES)
                        .from(CHAT_EXPORT_FENCE)
                        .where(CHAT_EXPORT_FENCE.TENANT_NAME.eq(CHAT_EXPORT.TENANT_NAME))
                        .and(CHAT_EXPORT_FENCE.INSTANCE_NAME.eq(CHAT_EXPORT.INSTANCE_NAME))),
                inline(0L).cast(SQLDataType.BIGINT)))
        .where(
            row(CHAT_EXPORT.TENANT_NAME, CHAT_EXPORT.INSTANCE_NAME, CHAT_EXPORT.EXPORT_ID)
                .in(
                    select(
                            CHAT_EXPORT.TENANT_NAME,
                            CHAT_EXPORT.INSTANCE_NAME,
                            CHAT_EXPORT.EXPORT_ID)
                        .from(CHAT_EXPORT)
                        .where(ExportRows.isIn(ExportState.WAITING, ExportState.RUNNING))
                        .and(CHAT_EXPORT.PATIENT_ID.isNull().eq(WHOLE))
                        .and(canGoOn.or(canBegin))
                        .orderBy(CHAT_EXPORT.STATE, CHAT_EXPORT.CREATED_AT)
                        .limit(inline(1))
                        .forUpdate()
                        .skipLocked()))
        .returning(
            Stream.concat(
                    ExportRows.FIELDS.stream(),
                    Stream.of(
                        CHAT_EXPORT.AFTER_TRANSACTION,
                        CHAT_EXPORT.AFTER_NUMBER,
                        CHAT_EXPORT.ATTEMPTS))
                .toList());
  }

  /** Whether a worker has an export, nothing else was stored, and no chat was erased since. */
  private static Condition isClaimedBefore() {
    return ExportRows.isThisOne()
        .and(ExportRows.isIn(ExportState.RUNNING))
        .and(CHAT_EXPORT.WORKER.eq(WORKER))
        .and(CHAT_EXPORT.BYTES.eq(BYTES_BEFORE))
        .and(CHAT_EXPORT.ERASURES.eq(ERASURES));
  }

  private static Condition ofExport() {
    return CHAT_EXPORT_PART
        .TENANT_NAME
        .eq(Parameters.TENANT)
        .and(CHAT_EXPORT_PART.INSTANCE_NAME.eq(Parameters.INSTANCE))
        .and(CHAT_EXPORT_PART.EXPORT_ID.eq(ExportRows.ID));
  }

  @Override
  public Optional<Claim> claim(UUID worker, Kind kind, Instant now, Instant leaseEnd) {
    return connections.inTransaction(connection -> {
      LOCK_CLAIMS.bind().lock(connection);
      return CLAIM
          .bind()
          .set(WORKER, worker)
          .set(WHOLE, kind == Kind.INSTANCES)
          .set(NOW, now)
          .set(LEASE_END, leaseEnd)
          .readFirst(
              connection,
              row ->
                  new Claim(
                      CLAIMED.map(row),
                      worker,
                      new LogPosition(CLAIMED_TRANSACTION.get(row), CLAIMED_NUMBER.get(row)),
                      CLAIMED_ATTEMPTS.get(row)));
    });
  }

  @Override
  public boolean append(
      Claim claim,
      ExportProgress before,
      ExportProgress progress,
      LogPosition after,
      byte[] part,
      Instant leaseEnd,
      Instant expiresAt) {
    return connections.inTransaction(connection -> {
      BoundStatement advance =
          bind(ADVANCE, connection, claim, before)
              .set(LEASE_END, leaseEnd)
              .set(EXPIRES_AT, expiresAt)
              .set(AFTER_TRANSACTION, after.transaction())
              .set(AFTER_NUMBER, after.number())
              .set(MESSAGES, progress.messages())
              .set(BYTES, progress.bytes())
              .set(FIRST_TRANSACTION, transaction(progress.first()))
              .set(FIRST_NUMBER, number(progress.first()))
              .set(LAST_TRANSACTION, transaction(progress.last()))
              .set(LAST_NUMBER, number(progress.last()));
      if (advance.execute(connection) == 0) {
        return false;
      }
      if (part.length > 0) {
        int _ =
            ADD_PART
                .bind()
                .instance(instance(claim))
                .set(ExportRows.ID, claim.export().id().value())
                .set(BYTES_BEFORE, before.bytes())
                .set(PART, part)
                .execute(connection);
      }
      return true;
    });
  }

  @Override
  public boolean finish(
      Claim claim, ExportProgress progress, String sha256, Instant finishedAt, Instant expiresAt) {
    return connections.inTransaction(connection ->
        bind(FINISH, connection, claim, progress)
                .set(SHA256, sha256)
                .set(FINISHED_AT, finishedAt)
                .set(EXPIRES_AT, expiresAt)
                .execute(connection)
            > 0);
  }

  /** Locks the fence, and sets what {@link #isClaimedBefore} compares. */
  private static BoundStatement bind(
      SqlStatement statement, Connection connection, Claim claim, ExportProgress before)
      throws SQLException {
    long erasures = ExportFence.share(connection, instance(claim));
    return statement
        .bind()
        .instance(instance(claim))
        .set(ExportRows.ID, claim.export().id().value())
        .set(WORKER, claim.worker())
        .set(BYTES_BEFORE, before.bytes())
        .set(ERASURES, erasures);
  }

  private static TenantInstance instance(Claim claim) {
    return claim.export().request().source().instance();
  }

  private static @Nullable Long transaction(@Nullable LogPosition position) {
    return position == null ? null : position.transaction();
  }

  private static @Nullable Long number(@Nullable LogPosition position) {
    return position == null ? null : position.number();
  }

  @Override
  public void fail(Claim claim, Instant failedAt) {
    int _ =
        connections.execute(
            FAIL.bind()
                .instance(instance(claim))
                .set(ExportRows.ID, claim.export().id().value())
                .set(WORKER, claim.worker())
                .set(FINISHED_AT, failedAt));
  }

  @Override
  public boolean removeEnded(Instant now, int limit) {
    int expired = connections.execute(EXPIRE.bind().set(NOW, now).set(Parameters.LIMIT, limit));
    boolean mayBeMore = connections.inTransaction(connection -> removeNext(connection, limit));
    return mayBeMore || expired == limit;
  }

  private static boolean removeNext(Connection connection, int limit) throws SQLException {
    List<Removal> next =
        NEXT_TO_REMOVE
            .bind()
            .read(
                connection,
                row ->
                    new Removal(
                        REMOVED_OF.map(row),
                        REMOVED_ID.get(row),
                        REMOVED_STATE.get(row).equals(ExportRows.DELETED_STATE)));
    if (next.isEmpty()) {
      return false;
    }
    Removal removal = next.getFirst();
    int parts = bind(DELETE_PARTS, removal).set(Parameters.LIMIT, limit).execute(connection);
    if (parts < limit) {
      int _ = bind(removal.isDeleted ? DELETE_ROW : NOTE_REMOVAL, removal).execute(connection);
    }
    return true;
  }

  private static BoundStatement bind(SqlStatement statement, Removal removal) {
    return statement.bind().instance(removal.instance).set(ExportRows.ID, removal.id);
  }
}
