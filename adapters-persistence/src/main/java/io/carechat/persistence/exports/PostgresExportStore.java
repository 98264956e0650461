package io.carechat.persistence.exports;

import static io.carechat.persistence.generated.Tables.CHAT_EXPORT;
import static io.carechat.persistence.generated.Tables.CHAT_EXPORT_PART;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.exports.Export;
import io.carechat.domain.exports.ExportId;
import io.carechat.domain.exports.ExportLimits;
import io.carechat.domain.exports.ExportResult;
import io.carechat.domain.exports.ExportSource;
import io.carechat.domain.exports.ExportState;
import io.carechat.domain.exports.ExportStore;
import io.carechat.domain.exports.FilePart;
import io.carechat.domain.messages.IdempotencyKey;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Param;
import org.jspecify.annotations.Nullable;

/** The exports of instances in PostgreSQL, for those who ask for them. */
public final class PostgresExportStore implements ExportStore {
  private static final Param<String> FORMAT = Parameters.text("format");
  private static final Param<Instant> FROM = Parameters.time("created_from");
  private static final Param<Instant> TO = Parameters.time("created_to");
  private static final Param<String> OWNER = Parameters.text("owner");
  private static final Param<String> KEY = Parameters.text("idempotency_key");
  private static final Param<Instant> CREATED_AT = Parameters.time("created_at");
  private static final Param<Instant> EXPIRES_AT = Parameters.time("expires_at");
  private static final Param<Long> AT = Parameters.bigint("at");

  private static final SqlStatement BY_KEY =
      SqlStatement.of(
          select(ExportRows.FIELDS)
              .from(CHAT_EXPORT)
              .where(ExportRows.ofInstance())
              .and(CHAT_EXPORT.OWNER.eq(OWNER))
              .and(CHAT_EXPORT.IDEMPOTENCY_KEY.eq(KEY)));

  private static final ExportRows KEYED = new ExportRows(BY_KEY);

  private static final SqlStatement COUNT_OF_INSTANCE =
      SqlStatement.of(select(count()).from(CHAT_EXPORT).where(counts()));

  private static final SqlStatement COUNT_OF_OWNER =
      SqlStatement.of(
          select(count()).from(CHAT_EXPORT).where(counts()).and(CHAT_EXPORT.OWNER.eq(OWNER)));

  private static final Column<Integer> OF_INSTANCE = COUNT_OF_INSTANCE.column(count());
  private static final Column<Integer> OF_OWNER = COUNT_OF_OWNER.column(count());

  /**
   * Every message that was committed before has a lower id of its transaction than this one, which
   * gets its id only here. What gets a higher one is not in the export.
   */
  private static final SqlStatement ADD =
      SqlStatement.of(
          insertInto(CHAT_EXPORT)
              .set(CHAT_EXPORT.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_EXPORT.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_EXPORT.EXPORT_ID, ExportRows.ID)
              .set(CHAT_EXPORT.PATIENT_ID, Parameters.PATIENT)
              .set(CHAT_EXPORT.FORMAT, FORMAT)
              .set(CHAT_EXPORT.CREATED_FROM, FROM)
              .set(CHAT_EXPORT.CREATED_TO, TO)
              .set(CHAT_EXPORT.OWNER, OWNER)
              .set(CHAT_EXPORT.IDEMPOTENCY_KEY, KEY)
              .set(CHAT_EXPORT.CREATED_AT, CREATED_AT)
              .set(CHAT_EXPORT.THROUGH_TRANSACTION, LogOrder.OWN_ID.minus(inline(1L)))
              .set(CHAT_EXPORT.STATE, inline(ExportState.WAITING.name()))
              .set(CHAT_EXPORT.EXPIRES_AT, EXPIRES_AT)
              .returning(ExportRows.FIELDS));

  private static final ExportRows ADDED = new ExportRows(ADD);

  private static final SqlStatement FIND =
      SqlStatement.ofInstance(
          select(ExportRows.FIELDS)
              .from(CHAT_EXPORT)
              .where(ExportRows.isThisOne())
              .and(CHAT_EXPORT.STATE.ne(ExportRows.DELETED)));

  private static final ExportRows FOUND = new ExportRows(FIND);

  /** The last part that does not begin after the byte. */
  private static final SqlStatement PART =
      SqlStatement.ofInstance(
          select(CHAT_EXPORT_PART.FIRST_BYTE, CHAT_EXPORT_PART.BYTES)
              .from(CHAT_EXPORT_PART)
              .where(CHAT_EXPORT_PART.TENANT_NAME.eq(Parameters.TENANT))
              .and(CHAT_EXPORT_PART.INSTANCE_NAME.eq(Parameters.INSTANCE))
              .and(CHAT_EXPORT_PART.EXPORT_ID.eq(ExportRows.ID))
              .and(CHAT_EXPORT_PART.FIRST_BYTE.le(AT))
              .and(
                  exists(
                      selectOne()
                          .from(CHAT_EXPORT)
                          .where(ExportRows.isThisOne())
                          .and(ExportRows.isIn(ExportState.RUNNING, ExportState.DONE))))
              .orderBy(CHAT_EXPORT_PART.FIRST_BYTE.desc())
              .limit(inline(1)));

  private static final Column<Long> FIRST_BYTE = PART.column(CHAT_EXPORT_PART.FIRST_BYTE);
  private static final Column<byte[]> BYTES = PART.column(CHAT_EXPORT_PART.BYTES);

  private static final SqlStatement DELETE =
      SqlStatement.of(
          ExportFence.deletion()
              .where(ExportRows.isThisOne())
              .and(CHAT_EXPORT.STATE.ne(ExportRows.DELETED)));

  private final Connections reading;
  private final Connections working;

  /**
   * @param reading for requests
   * @param working connections that see all instances
   */
  public PostgresExportStore(Connections reading, Connections working) {
    this.reading = reading;
    this.working = working;
  }

  private static Condition counts() {
    return ExportRows.ofInstance()
        .and(ExportRows.isIn(ExportState.WAITING, ExportState.RUNNING, ExportState.DONE));
  }

  @Override
  public ExportResult.OfCreate create(NewExport export, ExportLimits limits) {
    return working.inTransaction(connection -> create(connection, export, limits));
  }

  /** With the lock, requests for the same instance come one after the other. */
  private static ExportResult.OfCreate create(
      Connection connection, NewExport export, ExportLimits limits) throws SQLException {
    TenantInstance instance = export.request().source().instance();
    ExportFence.lock(connection, instance);
    IdempotencyKey key = export.key();
    if (key != null) {
      Optional<Export> earlier =
          BY_KEY
              .bind()
              .instance(instance)
              .set(OWNER, export.owner())
              .set(KEY, key.value())
              .readFirst(connection, KEYED);
      if (earlier.isPresent()) {
        return earlier.get().request().equals(export.request())
            ? new ExportResult.Replayed(earlier.get())
            : new ExportResult.KeyReused();
      }
    }
    int ofOwner =
        COUNT_OF_OWNER
            .bind()
            .instance(instance)
            .set(OWNER, export.owner())
            .readFirst(connection, OF_OWNER::get)
            .orElseThrow();
    if (ofOwner >= limits.perCaller()) {
      return new ExportResult.TooManyOfCaller(limits.perCaller());
    }
    int ofInstance =
        COUNT_OF_INSTANCE
            .bind()
            .instance(instance)
            .readFirst(connection, OF_INSTANCE::get)
            .orElseThrow();
    if (ofInstance >= limits.perInstance()) {
      return new ExportResult.TooManyOfInstance(limits.perInstance());
    }
    return new ExportResult.Created(
        ADD.bind()
            .instance(instance)
            .set(ExportRows.ID, export.id().value())
            .set(Parameters.PATIENT, patient(export.request().source()))
            .set(FORMAT, export.request().format().name())
            .set(FROM, export.request().from())
            .set(TO, export.request().to())
            .set(OWNER, export.owner())
            .set(KEY, key == null ? null : key.value())
            .set(CREATED_AT, export.createdAt())
            .set(EXPIRES_AT, export.createdAt().plus(limits.kept()))
            .readFirst(connection, ADDED)
            .orElseThrow());
  }

  private static @Nullable UUID patient(ExportSource source) {
    return switch (source) {
      case ExportSource.OfChat(var chat) -> chat.patient().value();
      case ExportSource.OfInstance _ -> null;
    };
  }

  @Override
  public Optional<Export> find(TenantInstance instance, ExportId id) {
    return reading.readFirst(FIND.bind().instance(instance).set(ExportRows.ID, id.value()), FOUND);
  }

  @Override
  public Optional<FilePart> part(TenantInstance instance, ExportId id, long at) {
    return reading
        .readFirst(
            PART.bind().instance(instance).set(ExportRows.ID, id.value()).set(AT, at),
            row -> new FilePart(FIRST_BYTE.get(row), BYTES.get(row)))
        .filter(part -> at < part.end());
  }

  @Override
  public boolean delete(TenantInstance instance, ExportId id) {
    return working.execute(DELETE.bind().instance(instance).set(ExportRows.ID, id.value())) > 0;
  }

  @Override
  public void deleteOfChat(ChatId chat) {
    boolean _ =
        working.inTransaction(connection -> {
          ExportFence.deleteOfChat(connection, chat);
          return true;
        });
  }
}
