package io.carechat.persistence.evidence;

import static io.carechat.persistence.generated.Sequences.EVENT_NUMBER;
import static io.carechat.persistence.generated.Tables.AUDIT_CHECKPOINT;
import static io.carechat.persistence.generated.Tables.AUDIT_REMOVAL;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.evidence.Checkpoint;
import io.carechat.domain.evidence.Seal;
import io.carechat.domain.evidence.SealLog;
import io.carechat.domain.evidence.SignedCheckpoint;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.impl.SQLDataType;

/**
 * The checkpoints of the audit in PostgreSQL. Those of a verification are read as the role that
 * sees only the rows of one instance.
 */
public final class PostgresSealLog implements SealLog {
  /** The name of the lock that {@link #add} takes. */
  private static final Field<Long> LOCK_NAME = inline(7161380900000001L);

  private static final Param<Long> SIZE = Parameters.bigint("size");
  private static final Param<Long> NUMBER = Parameters.bigint("number");
  private static final Param<String> NOTE = Parameters.text("note");
  private static final Param<String> TREE = Parameters.text("tree");
  private static final Param<Long> LAST_TRANSACTION = Parameters.bigint("last_transaction");
  private static final Param<Long> LAST_NUMBER = Parameters.bigint("last_number");
  private static final Param<String> ROW_HASHES = Parameters.text("row_hashes");
  private static final Param<Instant> AT = Parameters.time("at");

  private static final Condition OWN =
      row(AUDIT_CHECKPOINT.TENANT_NAME, AUDIT_CHECKPOINT.INSTANCE_NAME).eq(instance());

  private static final SqlStatement NEWEST =
      SqlStatement.of(
          select(SealColumns.FIELDS)
              .from(AUDIT_CHECKPOINT)
              .where(OWN)
              .orderBy(AUDIT_CHECKPOINT.SIZE.desc())
              .limit(inline(1)));

  private static final SqlStatement FIND =
      SqlStatement.ofInstance(
          select(SealColumns.FIELDS)
              .from(AUDIT_CHECKPOINT)
              .where(OWN)
              .and(AUDIT_CHECKPOINT.SIZE.eq(SIZE)));

  private static final SqlStatement AFTER =
      SqlStatement.ofInstance(
          select(SealColumns.FIELDS)
              .from(AUDIT_CHECKPOINT)
              .where(OWN)
              .and(AUDIT_CHECKPOINT.SIZE.gt(SIZE))
              .orderBy(AUDIT_CHECKPOINT.SIZE)
              .limit(Parameters.LIMIT));

  private static final SqlStatement ALL =
      SqlStatement.of(
          select(SealColumns.FIELDS)
              .select(AUDIT_CHECKPOINT.CHECKPOINT_NUMBER)
              .from(AUDIT_CHECKPOINT)
              .where(AUDIT_CHECKPOINT.CHECKPOINT_NUMBER.gt(NUMBER))
              .orderBy(AUDIT_CHECKPOINT.CHECKPOINT_NUMBER)
              .limit(Parameters.LIMIT));

  private static final SealColumns NEWEST_SEAL = new SealColumns(NEWEST);
  private static final SealColumns FOUND_SEAL = new SealColumns(FIND);
  private static final SealColumns NEXT_SEAL = new SealColumns(AFTER);
  private static final SealColumns NUMBERED_SEAL = new SealColumns(ALL);
  private static final Column<Long> CHECKPOINT_NUMBER =
      ALL.column(AUDIT_CHECKPOINT.CHECKPOINT_NUMBER);

  /**
   * One node at a time adds checkpoints. So their numbers have the order of their commits, and
   * whoever continues after the last number that it saw misses none. An advisory lock gives the
   * transaction no id, so the log can be entered after it.
   */
  private static final SqlStatement LOCK =
      SqlStatement.of(select(field("pg_advisory_xact_lock({0})", Object.class, LOCK_NAME)));

  private static final SqlStatement ADD = SqlStatement.of(insertCheckpoint());

  /** In no chat: the patient is all zeros. */
  private static final SqlStatement LOG_ADDED =
      SqlStatement.of(
          insertInto(CHAT_EVENT)
              .set(CHAT_EVENT.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_EVENT.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_EVENT.PATIENT_ID, inline(new UUID(0, 0)))
              .set(CHAT_EVENT.LOG_TRANSACTION, LogOrder.OWN_ID)
              .set(CHAT_EVENT.LOG_NUMBER, EVENT_NUMBER.nextval())
              .set(CHAT_EVENT.TYPE, EventType.AUDIT_CHECKPOINT.value())
              .set(CHAT_EVENT.OCCURRED_AT, AT)
              .set(CHAT_EVENT.CHECKPOINT_SIZE, SIZE)
              .set(CHAT_EVENT.CHECKPOINT_NOTE, NOTE));

  private static final SqlStatement REMOVAL =
      SqlStatement.ofInstance(
          select(AUDIT_REMOVAL.NOTE)
              .from(AUDIT_REMOVAL)
              .where(row(AUDIT_REMOVAL.TENANT_NAME, AUDIT_REMOVAL.INSTANCE_NAME).eq(instance()))
              .orderBy(AUDIT_REMOVAL.SIZE.desc())
              .limit(inline(1)));

  private static final Column<String> REMOVAL_NOTE = REMOVAL.column(AUDIT_REMOVAL.NOTE);

  /** No role of the service may remove rows, so a function of the tables' owner does it. */
  private static final Field<Long> REMOVED_ROWS =
      field(
              "carechat.remove_sealed_audit({0}, {1}, {2}, {3}, {4})",
              SQLDataType.BIGINT, Parameters.TENANT, Parameters.INSTANCE, SIZE, AT, NOTE)
          .as("removed");

  private static final SqlStatement REMOVE = SqlStatement.of(select(REMOVED_ROWS));
  private static final Column<Long> REMOVED = REMOVE.column(REMOVED_ROWS);

  private final Connections reading;
  private final Connections working;
  private final Runnable onLogged;

  /**
   * @param reading for requests
   * @param working connections that see all instances
   * @param onLogged runs after something was added to the event log
   */
  public PostgresSealLog(Connections reading, Connections working, Runnable onLogged) {
    this.reading = reading;
    this.working = working;
    this.onLogged = onLogged;
  }

  private static Query insertCheckpoint() {
    return insertInto(AUDIT_CHECKPOINT)
        .set(AUDIT_CHECKPOINT.TENANT_NAME, Parameters.TENANT)
        .set(AUDIT_CHECKPOINT.INSTANCE_NAME, Parameters.INSTANCE)
        .set(AUDIT_CHECKPOINT.SIZE, SIZE)
        .set(AUDIT_CHECKPOINT.NOTE, NOTE)
        .set(AUDIT_CHECKPOINT.TREE, TREE)
        .set(AUDIT_CHECKPOINT.LAST_TRANSACTION, LAST_TRANSACTION)
        .set(AUDIT_CHECKPOINT.LAST_NUMBER, LAST_NUMBER)
        .set(AUDIT_CHECKPOINT.ROW_HASHES, ROW_HASHES);
  }

  @Override
  public Optional<Seal> newest(TenantInstance instance) {
    return working.readFirst(NEWEST.bind().instance(instance), NEWEST_SEAL);
  }

  @Override
  public boolean add(Seal seal, long previousSize) {
    TenantInstance instance = seal.signed().checkpoint().instance();
    boolean added =
        working.inTransaction(connection -> {
          LOCK.bind().lock(connection);
          LogOrder.enter(connection);
          long newest =
              NEWEST
                  .bind()
                  .instance(instance)
                  .readFirst(connection, NEWEST_SEAL)
                  .map(Seal::size)
                  .orElse(0L);
          if (newest != previousSize) {
            return false;
          }
          insert(connection, seal);
          return true;
        });
    if (added) {
      onLogged.run();
    }
    return added;
  }

  private static void insert(Connection connection, Seal seal) throws SQLException {
    Checkpoint checkpoint = seal.signed().checkpoint();
    String note = seal.signed().note();
    int _ =
        ADD.bind()
            .instance(checkpoint.instance())
            .set(SIZE, checkpoint.size())
            .set(NOTE, note)
            .set(TREE, Base64.getEncoder().encodeToString(seal.tree().bytes()))
            .set(LAST_TRANSACTION, seal.last().transaction())
            .set(LAST_NUMBER, seal.last().number())
            .set(ROW_HASHES, Base64.getEncoder().encodeToString(seal.rowHashes().bytes()))
            .execute(connection);
    int _ =
        LOG_ADDED
            .bind()
            .instance(checkpoint.instance())
            .set(AT, checkpoint.at())
            .set(SIZE, checkpoint.size())
            .set(NOTE, note)
            .execute(connection);
  }

  @Override
  public Optional<Seal> find(TenantInstance instance, long size) {
    return reading.readFirst(FIND.bind().instance(instance).set(SIZE, size), FOUND_SEAL);
  }

  @Override
  public List<Seal> after(TenantInstance instance, long size, int limit) {
    return reading.read(
        AFTER.bind().instance(instance).set(SIZE, size).set(Parameters.LIMIT, limit), NEXT_SEAL);
  }

  @Override
  public List<Numbered> all(long after, int limit) {
    return working.read(
        ALL.bind().set(NUMBER, after).set(Parameters.LIMIT, limit),
        row -> new Numbered(CHECKPOINT_NUMBER.get(row), NUMBERED_SEAL.map(row)));
  }

  @Override
  public Optional<SignedCheckpoint> removal(TenantInstance instance) {
    return reading
        .readFirst(REMOVAL.bind().instance(instance), REMOVAL_NOTE::get)
        .map(note ->
            SignedCheckpoint.parse(note).orElseGet(() -> SignedCheckpoint.unreadable(instance, 1)));
  }

  @Override
  public long remove(SignedCheckpoint removal, Instant olderThan) {
    Checkpoint checkpoint = removal.checkpoint();
    return working
        .readFirst(
            REMOVE
                .bind()
                .instance(checkpoint.instance())
                .set(SIZE, checkpoint.size())
                .set(AT, olderThan)
                .set(NOTE, removal.note()),
            REMOVED::get)
        .orElse(0L);
  }
}
