package io.carechat.persistence.audit;

import static io.carechat.persistence.generated.Tables.AUDIT_EVENT;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.audit.AuditEntry;
import io.carechat.domain.audit.AuditFilter;
import io.carechat.domain.audit.AuditKey;
import io.carechat.domain.audit.AuditLog;
import io.carechat.domain.audit.AuditQueries;
import io.carechat.domain.audit.AuditRow;
import io.carechat.domain.audit.AuditTrail;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.paging.Window;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GroupCommit;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jooq.Param;
import org.jspecify.annotations.Nullable;

/**
 * The audit in PostgreSQL, and the thread that stores it. The entries of concurrent requests share
 * a transaction and its sync to disk.
 */
public final class PostgresAudit implements AuditTrail, AuditLog, AuditQueries, AutoCloseable {
  /** How many connections the thread that stores entries needs. */
  public static final int WRITERS = 1;

  private static final int MAX_BATCH = 256;

  /** More than all requests and streams that can begin at once. */
  private static final int MAX_WAITING = 4_096;

  /** As for messages: a request is answered within two seconds more. */
  private static final Duration TIMEOUT = Duration.ofMillis(1_700);

  /** A key above those of all rows: every row is older. */
  private static final AuditKey END =
      new AuditKey(Parameters.END_OF_TIME, new LogPosition(Long.MAX_VALUE, Long.MAX_VALUE));

  private static final AuditPageQuery OLDER = new AuditPageQuery(false, false);
  private static final AuditPageQuery NEWER = new AuditPageQuery(false, true);
  private static final AuditPageQuery OLDER_OF_PATIENT = new AuditPageQuery(true, false);
  private static final AuditPageQuery NEWER_OF_PATIENT = new AuditPageQuery(true, true);

  private static final Param<Long> TRANSACTION = Parameters.bigint("transaction");
  private static final Param<Long> NUMBER = Parameters.bigint("number");

  /** Nothing can appear any more before what this reads: see {@link LogOrder}. */
  private static final SqlStatement IN_LOG_ORDER =
      SqlStatement.of(
          select(LogOrder.NOTE_AUDIT_HORIZON),
          select(AuditColumns.FIELDS)
              .from(AUDIT_EVENT)
              .where(instance(AUDIT_EVENT).eq(instance()))
              .and(
                  row(AUDIT_EVENT.LOG_TRANSACTION, AUDIT_EVENT.LOG_NUMBER)
                      .gt(row(TRANSACTION, NUMBER)))
              .and(AUDIT_EVENT.LOG_TRANSACTION.lt(LogOrder.NOTED_HORIZON))
              .orderBy(AUDIT_EVENT.LOG_TRANSACTION, AUDIT_EVENT.LOG_NUMBER)
              .limit(Parameters.LIMIT));

  private static final AuditColumns ROWS = new AuditColumns(IN_LOG_ORDER);

  private static final SqlStatement NEXT_INSTANCE =
      SqlStatement.of(
          select(AUDIT_EVENT.TENANT_NAME, AUDIT_EVENT.INSTANCE_NAME)
              .from(AUDIT_EVENT)
              .where(instance(AUDIT_EVENT).gt(instance()))
              .orderBy(AUDIT_EVENT.TENANT_NAME, AUDIT_EVENT.INSTANCE_NAME)
              .limit(inline(1)));

  private static final RowMapper<TenantInstance> INSTANCES = ChatKeys.instances(NEXT_INSTANCE);

  private final Connections reading;
  private final Connections storing;
  private final Connections following;
  private final GroupCommit<AuditEntry, Boolean> appending;

  /**
   * @param reading for requests
   * @param storing for the thread that stores entries
   * @param following for whoever seals and checks the audit
   */
  public PostgresAudit(Connections reading, Connections storing, Connections following) {
    this.reading = reading;
    this.storing = storing;
    this.following = following;
    this.appending = new GroupCommit<>("audit", MAX_BATCH, MAX_WAITING, TIMEOUT, this::append);
  }

  private List<Boolean> append(List<AuditEntry> batch) throws SQLException {
    return storing.call(connection -> {
      AuditAppender.append(connection, batch);
      return Collections.nCopies(batch.size(), true);
    });
  }

  @Override
  public void record(AuditEntry entry) {
    boolean _ = appending.write(entry);
  }

  @Override
  public void recordSoon(AuditEntry entry) {
    appending.writeSoon(entry);
  }

  @Override
  public List<TenantInstance> instances(@Nullable TenantInstance after, int limit) {
    return following.use(connection -> {
      var instances = new ArrayList<TenantInstance>();
      Optional<TenantInstance> next = next(connection, after);
      while (next.isPresent() && instances.size() < limit) {
        instances.add(next.get());
        next = next(connection, next.get());
      }
      return instances;
    });
  }

  private static Optional<TenantInstance> next(
      Connection connection, @Nullable TenantInstance after) throws SQLException {
    return NEXT_INSTANCE
        .bind()
        .set(Parameters.TENANT, after == null ? "" : after.tenantName())
        .set(Parameters.INSTANCE, after == null ? "" : after.instanceName())
        .readFirst(connection, INSTANCES);
  }

  @Override
  public List<AuditRow> read(TenantInstance instance, LogPosition after, int limit) {
    return following.read(
        IN_LOG_ORDER
            .bind()
            .instance(instance)
            .set(TRANSACTION, after.transaction())
            .set(NUMBER, after.number())
            .set(Parameters.LIMIT, limit),
        ROWS);
  }

  @Override
  public Found read(
      TenantInstance instance, AuditFilter filter, Window<AuditKey> window, int limit) {
    boolean ofPatient = filter.patient() != null;
    AuditPageQuery older = ofPatient ? OLDER_OF_PATIENT : OLDER;
    AuditPageQuery newer = ofPatient ? NEWER_OF_PATIENT : NEWER;
    return switch (window) {
      case Window.Newest<AuditKey>() ->
          older.read(reading, instance, filter, END, limit, MAX_EXAMINED);
      case Window.Before<AuditKey>(AuditKey cursor) ->
          older.read(reading, instance, filter, cursor, limit, MAX_EXAMINED);
      case Window.After<AuditKey>(AuditKey cursor) ->
          newer.read(reading, instance, filter, cursor, limit, MAX_EXAMINED);
    };
  }

  /** Accepts no more entries, and stores those that wait. */
  @Override
  public void close() {
    appending.close();
  }
}
