package io.carechat.persistence.keys;

import static io.carechat.persistence.generated.Sequences.EVENT_NUMBER;
import static io.carechat.persistence.generated.Tables.API_KEY;
import static io.carechat.persistence.generated.Tables.API_KEY_REVISION;
import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.jdbc.Parameters.like;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectCount;
import static org.jooq.impl.DSL.update;

import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.keys.ApiKey;
import io.carechat.domain.keys.KeyChanges;
import io.carechat.domain.keys.KeyRegistry;
import io.carechat.domain.keys.StoredKey;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.events.LogOrder;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.Query;

/**
 * The keys that were made by the API. They change seldom, and one after the other: each change
 * takes the row of the revision first.
 */
public final class PostgresKeyRegistry implements KeyRegistry {
  private static final Param<String> KEY = like(API_KEY.KEY_ID);
  private static final Param<Instant> NOW = Parameters.time("now");
  private static final Param<Integer> MAX = Parameters.integer("max");
  private static final Param<Integer> MAX_ENDED = Parameters.integer("max_ended");
  private static final Param<Long> SINCE = Parameters.bigint("since");
  private static final Param<LocalDate> DAY = like(API_KEY.LAST_USED_ON);

  private static final Condition OF_INSTANCE =
      row(API_KEY.TENANT_NAME, API_KEY.INSTANCE_NAME)
          .eq(row(Parameters.TENANT, Parameters.INSTANCE));

  private static final Condition VALID =
      API_KEY.REVOKED_AT.isNull().and(API_KEY.EXPIRES_AT.isNull().or(API_KEY.EXPIRES_AT.gt(NOW)));

  private static final SqlStatement NEXT_REVISION =
      SqlStatement.of(
          update(API_KEY_REVISION)
              .set(API_KEY_REVISION.REVISION, API_KEY_REVISION.REVISION.plus(inline(1L)))
              .where(API_KEY_REVISION.ONLY_ROW)
              .returning(API_KEY_REVISION.REVISION));

  private static final Column<Long> NUMBER = NEXT_REVISION.column(API_KEY_REVISION.REVISION);

  private static final SqlStatement LIST =
      SqlStatement.ofInstance(
          select(KeyColumns.FIELDS)
              .from(API_KEY)
              .where(OF_INSTANCE)
              .orderBy(API_KEY.CREATED_AT, API_KEY.KEY_ID));

  private static final KeyColumns LISTED = new KeyColumns(LIST);

  private static final Field<Long> REVISION_NOW = API_KEY_REVISION.REVISION.as("revision_now");

  /** One row at least, which has the revision and perhaps no key. */
  private static final SqlStatement CHANGES =
      SqlStatement.of(
          select(REVISION_NOW)
              .select(KeyColumns.FIELDS)
              .select(API_KEY.SECRET_HASH)
              .from(API_KEY_REVISION)
              .leftJoin(API_KEY)
              .on(API_KEY.REVISION.gt(SINCE))
              .where(API_KEY_REVISION.ONLY_ROW));

  private static final Column<Long> NUMBER_NOW = CHANGES.column(REVISION_NOW);
  private static final KeyColumns CHANGED = new KeyColumns(CHANGES);
  private static final Column<String> HASH = CHANGES.column(API_KEY.SECRET_HASH);

  private static final SqlStatement ADD = SqlStatement.of(add());

  private static final SqlStatement FORGET_ENDED =
      SqlStatement.of(
          deleteFrom(API_KEY)
              .where(OF_INSTANCE)
              .and(
                  API_KEY.KEY_ID.in(
                      select(API_KEY.KEY_ID)
                          .from(API_KEY)
                          .where(OF_INSTANCE)
                          .andNot(VALID)
                          .orderBy(
                              coalesce(API_KEY.REVOKED_AT, API_KEY.EXPIRES_AT).desc(),
                              API_KEY.KEY_ID)
                          .offset(MAX_ENDED))));

  /** In no chat: the patient is all zeros. */
  private static final SqlStatement LOG_BREAK_GLASS =
      SqlStatement.of(
          insertInto(CHAT_EVENT)
              .set(CHAT_EVENT.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_EVENT.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_EVENT.PATIENT_ID, inline(new UUID(0, 0)))
              .set(CHAT_EVENT.LOG_TRANSACTION, LogOrder.OWN_ID)
              .set(CHAT_EVENT.LOG_NUMBER, EVENT_NUMBER.nextval())
              .set(CHAT_EVENT.TYPE, EventType.BREAK_GLASS_KEY_CREATED.value())
              .set(CHAT_EVENT.OCCURRED_AT, NOW)
              .set(CHAT_EVENT.KEY_ID, KEY)
              .set(CHAT_EVENT.KEY_EXPIRES_AT, like(API_KEY.EXPIRES_AT)));

  private static final SqlStatement REVOKE =
      SqlStatement.of(
          update(API_KEY)
              .set(API_KEY.REVOKED_AT, NOW)
              .set(API_KEY.REVISION, like(API_KEY.REVISION))
              .where(OF_INSTANCE)
              .and(API_KEY.KEY_ID.eq(KEY))
              .and(API_KEY.REVOKED_AT.isNull()));

  private static final SqlStatement FIND =
      SqlStatement.of(
          select(API_KEY.KEY_ID).from(API_KEY).where(OF_INSTANCE).and(API_KEY.KEY_ID.eq(KEY)));

  private static final SqlStatement NOTE_USE =
      SqlStatement.of(
          update(API_KEY)
              .set(API_KEY.LAST_USED_ON, DAY)
              .where(OF_INSTANCE)
              .and(API_KEY.KEY_ID.eq(KEY))
              .and(API_KEY.LAST_USED_ON.isNull().or(API_KEY.LAST_USED_ON.lt(DAY))));

  private final Connections reading;
  private final Connections working;
  private final Connections watching;
  private final Runnable onChanged;
  private final Runnable onLogged;

  /**
   * @param reading for requests
   * @param working changes keys
   * @param watching looks for changes
   * @param onChanged run after a key was created or revoked
   * @param onLogged run after an event was logged
   */
  public PostgresKeyRegistry(
      Connections reading,
      Connections working,
      Connections watching,
      Runnable onChanged,
      Runnable onLogged) {
    this.reading = reading;
    this.working = working;
    this.watching = watching;
    this.onChanged = onChanged;
    this.onLogged = onLogged;
  }

  /** Adds nothing if the instance would have too many. */
  private static Query add() {
    Map<Field<?>, Field<?>> values = new LinkedHashMap<>();
    values.put(API_KEY.TENANT_NAME, Parameters.TENANT);
    values.put(API_KEY.INSTANCE_NAME, Parameters.INSTANCE);
    for (Field<?> column :
        List.of(
            API_KEY.KEY_ID,
            API_KEY.SECRET_HASH,
            API_KEY.SCOPES,
            API_KEY.NOTE,
            API_KEY.REASON,
            API_KEY.CERTIFICATE,
            API_KEY.CREATED_BY,
            API_KEY.EXPIRES_AT,
            API_KEY.REVISION)) {
      values.put(column, like(column));
    }
    values.put(API_KEY.CREATED_AT, NOW);
    Field<Integer> valid =
        field(
            selectCount()
                .from(API_KEY)
                .where(OF_INSTANCE)
                .and(VALID)
                .and(API_KEY.REASON.isNull().eq(like(API_KEY.REASON).isNull())));
    return insertInto(API_KEY, values.keySet())
        .select(select(values.values()).where(valid.lt(MAX)));
  }

  @Override
  public List<ApiKey> of(TenantInstance instance) {
    return reading.read(LIST.bind().instance(instance), LISTED);
  }

  @Override
  public boolean add(ApiKey key, String hash, int max, int maxEnded) {
    boolean added =
        working.inTransaction(connection -> {
          if (key.isBreakGlass()) {
            LogOrder.enter(connection);
          }
          long revision = nextRevision(connection);
          if (bind(key, hash)
                  .set(MAX, max)
                  .set(like(API_KEY.REVISION), revision)
                  .execute(connection)
              != 1) {
            connection.rollback();
            return false;
          }
          if (key.isBreakGlass()) {
            int _ =
                named(LOG_BREAK_GLASS, key.instance(), key.id())
                    .set(NOW, createdAt(key))
                    .set(like(API_KEY.EXPIRES_AT), key.expiresAt())
                    .execute(connection);
          }
          int _ =
              FORGET_ENDED
                  .bind()
                  .instance(key.instance())
                  .set(NOW, createdAt(key))
                  .set(MAX_ENDED, maxEnded)
                  .execute(connection);
          return true;
        });
    if (added) {
      onChanged.run();
      if (key.isBreakGlass()) {
        onLogged.run();
      }
    }
    return added;
  }

  private static Instant createdAt(ApiKey key) {
    return Objects.requireNonNull(key.created(), "A key of the configuration is not kept").at();
  }

  private static BoundStatement bind(ApiKey key, String hash) {
    return named(ADD, key.instance(), key.id())
        .set(like(API_KEY.SECRET_HASH), hash)
        .set(like(API_KEY.SCOPES), key.scopes().stream().sorted().toList(), Scope::wireName)
        .set(like(API_KEY.NOTE), key.note())
        .set(like(API_KEY.REASON), key.reason())
        .set(like(API_KEY.CERTIFICATE), key.certificate())
        .set(NOW, createdAt(key))
        .set(like(API_KEY.CREATED_BY), Objects.requireNonNull(key.created()).by())
        .set(like(API_KEY.EXPIRES_AT), key.expiresAt());
  }

  private static BoundStatement named(SqlStatement statement, TenantInstance instance, KeyId id) {
    return statement.bind().instance(instance).set(KEY, id.value());
  }

  private static long nextRevision(Connection connection) throws SQLException {
    return NEXT_REVISION.bind().readFirst(connection, NUMBER::get).orElseThrow();
  }

  @Override
  public boolean revoke(TenantInstance instance, KeyId id, Instant at) {
    boolean revoked =
        working.inTransaction(connection -> {
          long revision = nextRevision(connection);
          boolean changed =
              named(REVOKE, instance, id)
                      .set(NOW, at)
                      .set(like(API_KEY.REVISION), revision)
                      .execute(connection)
                  == 1;
          if (!changed) {
            connection.rollback();
          }
          return changed;
        });
    if (revoked) {
      onChanged.run();
      return true;
    }
    return working.readFirst(named(FIND, instance, id), row -> true).isPresent();
  }

  @Override
  public KeyChanges changesSince(long revision) {
    List<Row> rows =
        watching.read(
            CHANGES.bind().set(SINCE, revision),
            row -> {
              String hash = HASH.getOrNull(row);
              return new Row(
                  NUMBER_NOW.get(row),
                  hash == null
                      ? Optional.empty()
                      : Optional.of(new StoredKey(CHANGED.map(row), hash)));
            });
    return new KeyChanges(
        rows.getFirst().revision(), rows.stream().flatMap(row -> row.key().stream()).toList());
  }

  private record Row(long revision, Optional<StoredKey> key) {}

  @Override
  public void noteUse(TenantInstance instance, KeyId id, LocalDate day) {
    int _ = working.execute(named(NOTE_USE, instance, id).set(DAY, day));
  }
}
