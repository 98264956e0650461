package io.carechat.persistence.records;

import static io.carechat.persistence.generated.Tables.CHAT_ERASURE;
import static io.carechat.persistence.generated.Tables.CHAT_STATE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static org.jooq.impl.DSL.any;
import static org.jooq.impl.DSL.arrayAppend;
import static org.jooq.impl.DSL.cardinality;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.not;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.update;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ChatRestricted;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.records.Erasure;
import io.carechat.domain.records.ErasureId;
import io.carechat.domain.records.ErasureLedger;
import io.carechat.domain.records.Erasures;
import io.carechat.domain.records.LedgeredErasures;
import io.carechat.domain.records.Removed;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.jdbc.BoundStatement;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import io.carechat.persistence.webhooks.EndpointSwitch;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Param;
import org.jooq.Record;
import org.jooq.SelectConditionStep;
import org.jspecify.annotations.Nullable;

/** Erases chats, under the lock of the chat. */
public final class PostgresErasures implements Erasures, LedgeredErasures {
  private static final Param<UUID> ID = Parameters.uuid("erasure");
  private static final Param<Instant> AT = Parameters.time("at");
  private static final Param<Instant> THROUGH = Parameters.time("through");
  private static final Param<String> STATE = Parameters.text("state");
  private static final Param<String> REASON = Parameters.text("reason");
  private static final Param<String> BY = Parameters.text("by");
  private static final Param<String> RECEIPT = Parameters.text("receipt");
  private static final Param<Long> MESSAGES = Parameters.bigint("messages");
  private static final Param<Long> EVENTS = Parameters.bigint("events");
  private static final Param<Long> DELIVERIES = Parameters.bigint("deliveries");
  private static final Param<Long> ATTEMPTS = Parameters.bigint("attempts");
  private static final Param<Long> READ_MARKERS = Parameters.bigint("read_markers");
  private static final Param<Long> SESSIONS = Parameters.bigint("sessions");
  private static final Param<Long> BYTES = Parameters.bigint("bytes");
  private static final Param<Long> TRANSACTION = Parameters.bigint("transaction");
  private static final Param<Long> NUMBER = Parameters.bigint("number");

  private static final Read FIND =
      new Read(SqlStatement.ofInstance(ofChat().and(CHAT_ERASURE.ERASURE_ID.eq(ID))));
  private static final Read LOCKED =
      new Read(SqlStatement.of(ofChat().and(CHAT_ERASURE.ERASURE_ID.eq(ID))));
  private static final Read IN_STATE =
      new Read(SqlStatement.of(ofChat().and(CHAT_ERASURE.STATE.eq(STATE))));
  private static final Read LATEST =
      new Read(
          SqlStatement.of(
              ofChat()
                  .orderBy(CHAT_ERASURE.REQUESTED_AT.desc(), CHAT_ERASURE.ERASURE_ID.desc())
                  .limit(inline(1))));
  private static final Read UNFINISHED =
      new Read(
          SqlStatement.of(
              select(List.of(CHAT_ERASURE.fields()))
                  .from(CHAT_ERASURE)
                  .where(
                      CHAT_ERASURE.STATE.in(
                          inline(Erasure.State.REMOVING.name()),
                          inline(Erasure.State.INDEXING.name())))
                  .orderBy(CHAT_ERASURE.REQUESTED_AT)
                  .limit(Parameters.LIMIT)));

  private static final SqlStatement INSERT =
      SqlStatement.of(
          insertInto(CHAT_ERASURE)
              .set(CHAT_ERASURE.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_ERASURE.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_ERASURE.PATIENT_ID, Parameters.PATIENT)
              .set(CHAT_ERASURE.ERASURE_ID, ID)
              .set(CHAT_ERASURE.REASON, REASON)
              .set(CHAT_ERASURE.STATE, STATE)
              .set(CHAT_ERASURE.REQUESTED_AT, AT)
              .set(CHAT_ERASURE.REQUESTED_BY, BY)
              .set(CHAT_ERASURE.THROUGH, THROUGH));

  private static final SqlStatement BEGIN =
      SqlStatement.of(
          update(CHAT_ERASURE)
              .set(CHAT_ERASURE.STATE, inline(Erasure.State.REMOVING.name()))
              .set(CHAT_ERASURE.THROUGH, THROUGH)
              .where(isThisOne()));

  private static final SqlStatement HIDE =
      SqlStatement.of(
          insertInto(CHAT_STATE)
              .set(CHAT_STATE.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_STATE.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_STATE.PATIENT_ID, Parameters.PATIENT)
              .set(CHAT_STATE.ERASING, ID)
              .onConflict(CHAT_STATE.TENANT_NAME, CHAT_STATE.INSTANCE_NAME, CHAT_STATE.PATIENT_ID)
              .doUpdate()
              .set(CHAT_STATE.ERASING, ID));

  private static final SqlStatement OPEN =
      SqlStatement.of(
          update(CHAT_STATE)
              .set(CHAT_STATE.ERASING, castNull(CHAT_STATE.ERASING))
              .set(CHAT_STATE.ERASED_THROUGH, THROUGH)
              .where(
                  row(CHAT_STATE.TENANT_NAME, CHAT_STATE.INSTANCE_NAME, CHAT_STATE.PATIENT_ID)
                      .eq(chat())));

  private static final SqlStatement COUNT =
      SqlStatement.of(
          update(CHAT_ERASURE)
              .set(CHAT_ERASURE.MESSAGES, CHAT_ERASURE.MESSAGES.plus(MESSAGES))
              .set(CHAT_ERASURE.EVENTS, CHAT_ERASURE.EVENTS.plus(EVENTS))
              .set(CHAT_ERASURE.DELIVERIES, CHAT_ERASURE.DELIVERIES.plus(DELIVERIES))
              .set(CHAT_ERASURE.ATTEMPTS, CHAT_ERASURE.ATTEMPTS.plus(ATTEMPTS))
              .set(CHAT_ERASURE.READ_MARKERS, CHAT_ERASURE.READ_MARKERS.plus(READ_MARKERS))
              .set(CHAT_ERASURE.SESSIONS, CHAT_ERASURE.SESSIONS.plus(SESSIONS))
              .set(CHAT_ERASURE.TEXT_BYTES, CHAT_ERASURE.TEXT_BYTES.plus(BYTES))
              .where(isThisOne())
              .returning(CHAT_ERASURE.TEXT_BYTES));

  private static final Column<Long> ALL_BYTES = COUNT.column(CHAT_ERASURE.TEXT_BYTES);

  private static final SqlStatement END_REMOVING =
      SqlStatement.of(
          update(CHAT_ERASURE)
              .set(CHAT_ERASURE.STATE, inline(Erasure.State.INDEXING.name()))
              .set(CHAT_ERASURE.REMOVED_AT, AT)
              .set(CHAT_ERASURE.LOG_TRANSACTION, TRANSACTION)
              .set(CHAT_ERASURE.LOG_NUMBER, NUMBER)
              .where(isThisOne()));

  private static final SqlStatement COMPLETE =
      SqlStatement.of(
          update(CHAT_ERASURE)
              .set(CHAT_ERASURE.STATE, inline(Erasure.State.DONE.name()))
              .set(CHAT_ERASURE.RECEIPT, RECEIPT)
              .where(isThisOne())
              .and(CHAT_ERASURE.STATE.eq(inline(Erasure.State.INDEXING.name()))));

  private static final Param<String> LEDGER = Parameters.text("ledger");

  private static final SqlStatement ANY_NOTED =
      SqlStatement.of(
          selectOne()
              .from(CHAT_ERASURE)
              .where(cardinality(CHAT_ERASURE.LEDGERS).gt(inline(0)))
              .limit(inline(1)));

  private static final SqlStatement NOTED =
      SqlStatement.of(
          select(CHAT_ERASURE.ERASURE_ID)
              .from(CHAT_ERASURE)
              .where(LEDGER.eq(any(CHAT_ERASURE.LEDGERS))));

  private static final Column<UUID> NOTED_ID = NOTED.column(CHAT_ERASURE.ERASURE_ID);

  private static final Read NOT_NOTED =
      new Read(
          SqlStatement.of(
              select(List.of(CHAT_ERASURE.fields()))
                  .from(CHAT_ERASURE)
                  .where(CHAT_ERASURE.STATE.ne(inline(Erasure.State.HELD.name())))
                  .and(not(LEDGER.eq(any(CHAT_ERASURE.LEDGERS))))
                  .orderBy(CHAT_ERASURE.REQUESTED_AT)
                  .limit(Parameters.LIMIT)));

  private static final SqlStatement NOTE =
      SqlStatement.of(
          update(CHAT_ERASURE)
              .set(CHAT_ERASURE.LEDGERS, arrayAppend(CHAT_ERASURE.LEDGERS, LEDGER))
              .where(isThisOne())
              .and(not(LEDGER.eq(any(CHAT_ERASURE.LEDGERS)))));

  private static final SqlStatement RELEASE =
      SqlStatement.of(
          update(CHAT_STATE)
              .set(CHAT_STATE.RESTRICTED_AT, castNull(CHAT_STATE.RESTRICTED_AT))
              .where(
                  row(CHAT_STATE.TENANT_NAME, CHAT_STATE.INSTANCE_NAME, CHAT_STATE.PATIENT_ID)
                      .eq(chat())));

  /** A statement that reads erasures. */
  private record Read(SqlStatement statement, ErasureRows rows) {
    Read(SqlStatement statement) {
      this(statement, new ErasureRows(statement));
    }

    Optional<Erasure> first(Connection connection, BoundStatement bound) throws SQLException {
      return bound.readFirst(connection, rows);
    }
  }

  private final Connections reading;
  private final Connections working;
  private final InstantSource clock;
  private final Runnable onLogged;

  /**
   * @param reading for requests
   * @param working for the role that stores
   * @param clock tells when something was removed
   * @param onLogged run after an event was logged
   */
  public PostgresErasures(
      Connections reading, Connections working, InstantSource clock, Runnable onLogged) {
    this.reading = reading;
    this.working = working;
    this.clock = clock;
    this.onLogged = onLogged;
  }

  private static SelectConditionStep<Record> ofChat() {
    return select(List.of(CHAT_ERASURE.fields())).from(CHAT_ERASURE).where(isOfChat());
  }

  private static Condition isOfChat() {
    return row(CHAT_ERASURE.TENANT_NAME, CHAT_ERASURE.INSTANCE_NAME, CHAT_ERASURE.PATIENT_ID)
        .eq(chat());
  }

  private static Condition isThisOne() {
    return isOfChat().and(CHAT_ERASURE.ERASURE_ID.eq(ID));
  }

  @Override
  public Requested request(Request request) {
    Requested requested =
        working.inTransaction(
            connection -> request(connection, ChatLock.take(connection, request.chat()), request));
    onLogged.run();
    return requested;
  }

  private Requested request(Connection connection, ChatLock locked, Request request)
      throws SQLException {
    ChatId chat = request.chat();
    Optional<UUID> erasing = locked.erasing();
    if (erasing.isPresent()) {
      return new Requested.Accepted(find(connection, chat, erasing.get()));
    }
    Optional<Instant> last = locked.lastCreatedAt();
    if (last.isEmpty()) {
      return LATEST
          .first(connection, LATEST.statement().bind().chat(chat))
          .<Requested>map(Requested.Accepted::new)
          .orElseGet(Requested.NoChat::new);
    }
    if (request.onlyIfQuietSince() != null && !last.get().isBefore(request.onlyIfQuietSince())) {
      return new Requested.NoChat();
    }
    if (locked.restrictedAt().isPresent()) {
      throw new ChatRestricted();
    }
    boolean isHeld = PostgresLegalHolds.number(connection, chat) > 0;
    Optional<Erasure> queued = held(connection, chat);
    if (queued.isEmpty()) {
      insert(connection, request, isHeld ? null : through(request.at(), last.get()));
    }
    if (isHeld) {
      return new Requested.Held();
    }
    UUID id = queued.map(Erasure::id).orElse(request.id()).value();
    begin(connection, chat, id, through(request.at(), last.get()));
    return new Requested.Accepted(removeBatch(connection, locked, find(connection, chat, id)));
  }

  /** The time up to which everything is erased: no message of the chat is newer. */
  private static Instant through(Instant now, Instant last) {
    return now.isAfter(last) ? now : last;
  }

  private static Optional<Erasure> held(Connection connection, ChatId chat) throws SQLException {
    return IN_STATE.first(
        connection, IN_STATE.statement().bind().chat(chat).set(STATE, Erasure.State.HELD.name()));
  }

  private static Erasure find(Connection connection, ChatId chat, UUID id) throws SQLException {
    return LOCKED
        .first(connection, LOCKED.statement().bind().chat(chat).set(ID, id))
        .orElseThrow(() -> new IllegalStateException("An erasure has disappeared"));
  }

  private static void insert(Connection connection, Request request, @Nullable Instant through)
      throws SQLException {
    Erasure.State state = through == null ? Erasure.State.HELD : Erasure.State.REMOVING;
    int _ =
        INSERT
            .bind()
            .chat(request.chat())
            .set(ID, request.id().value())
            .set(REASON, request.reason().name())
            .set(STATE, state.name())
            .set(AT, request.at())
            .set(BY, request.by())
            .set(THROUGH, through)
            .execute(connection);
  }

  private static void begin(Connection connection, ChatId chat, UUID id, Instant through)
      throws SQLException {
    int _ = BEGIN.bind().chat(chat).set(ID, id).set(THROUGH, through).execute(connection);
    int _ = HIDE.bind().chat(chat).set(ID, id).execute(connection);
  }

  /** Begins an erasure that waited for the last hold of the chat, if there is one. */
  static void beginHeld(Connection connection, ChatLock locked, ChatId chat, Instant now)
      throws SQLException {
    Optional<Erasure> queued = held(connection, chat);
    Optional<Instant> last = locked.lastCreatedAt();
    if (queued.isPresent() && last.isPresent()) {
      begin(connection, chat, queued.get().id().value(), through(now, last.get()));
    }
  }

  @Override
  public Erasure removeMore(Erasure erasure) {
    Erasure after =
        working.inTransaction(connection -> {
          ChatLock locked = ChatLock.take(connection, erasure.chat());
          Erasure current = find(connection, erasure.chat(), erasure.id().value());
          return current.state() == Erasure.State.REMOVING
              ? removeBatch(connection, locked, current)
              : current;
        });
    onLogged.run();
    return after;
  }

  private Erasure removeBatch(Connection connection, ChatLock locked, Erasure erasure)
      throws SQLException {
    ChatId chat = erasure.chat();
    UUID id = erasure.id().value();
    Instant through = Objects.requireNonNull(erasure.through());
    // So that no delivery is planned of an event that is being removed.
    EndpointSwitch.lockCursor(connection);
    RemoveRows.Batch batch = RemoveRows.upTo(connection, chat, through);
    long bytes = count(connection, chat, id, batch.removed(), batch.bytes());
    if (batch.complete()) {
      Removed rest = RemoveRows.rest(connection, chat, through);
      long _ = count(connection, chat, id, rest, 0);
      RemoveRows.reduceUsage(connection, chat, bytes);
      LogPosition event = locked.log(EventType.CHAT_ERASED, id, through);
      int _ = OPEN.bind().chat(chat).set(THROUGH, through).execute(connection);
      int _ =
          END_REMOVING
              .bind()
              .chat(chat)
              .set(ID, id)
              .set(AT, through(clock.instant().truncatedTo(ChronoUnit.MILLIS), through))
              .set(TRANSACTION, event.transaction())
              .set(NUMBER, event.number())
              .execute(connection);
    }
    return find(connection, chat, id);
  }

  /** Adds to the counts of an erasure, and returns how many bytes of text it has removed. */
  private static long count(
      Connection connection, ChatId chat, UUID id, Removed removed, long bytes)
      throws SQLException {
    return COUNT
        .bind()
        .chat(chat)
        .set(ID, id)
        .set(MESSAGES, removed.messages())
        .set(EVENTS, removed.events())
        .set(DELIVERIES, removed.deliveries())
        .set(ATTEMPTS, removed.attempts())
        .set(READ_MARKERS, removed.readMarkers())
        .set(SESSIONS, removed.sessions())
        .set(BYTES, bytes)
        .read(connection, ALL_BYTES::get)
        .getFirst();
  }

  @Override
  public boolean anyNoted() {
    return working.readFirst(ANY_NOTED.bind(), row -> true).isPresent();
  }

  @Override
  public Set<ErasureId> notedIn(String ledger) {
    return Set.copyOf(
        working.read(NOTED.bind().set(LEDGER, ledger), row -> new ErasureId(NOTED_ID.get(row))));
  }

  @Override
  public List<Erasure> notNotedIn(String ledger, int limit) {
    return working.read(
        NOT_NOTED.statement().bind().set(LEDGER, ledger).set(Parameters.LIMIT, limit),
        NOT_NOTED.rows());
  }

  @Override
  public void note(String ledger, Erasure erasure) {
    int _ =
        working.execute(
            NOTE.bind().chat(erasure.chat()).set(ID, erasure.id().value()).set(LEDGER, ledger));
  }

  @Override
  public Erasure replay(ErasureLedger.Entry entry) {
    ChatId chat = entry.chat();
    UUID id = entry.id().value();
    Erasure after =
        working.inTransaction(connection -> {
          ChatLock locked = ChatLock.take(connection, chat);
          Optional<Erasure> known =
              LOCKED.first(connection, LOCKED.statement().bind().chat(chat).set(ID, id));
          if (known.isPresent() && known.get().state() != Erasure.State.HELD) {
            return known.get();
          }
          if (known.isEmpty()) {
            insert(
                connection,
                new Request(
                    entry.id(),
                    chat,
                    entry.reason(),
                    entry.requestedBy(),
                    entry.requestedAt(),
                    null),
                entry.through());
          }
          begin(connection, chat, id, entry.through());
          int _ = RELEASE.bind().chat(chat).execute(connection);
          return removeBatch(connection, locked, find(connection, chat, id));
        });
    onLogged.run();
    return after;
  }

  @Override
  public Optional<Erasure> find(ChatId chat, ErasureId id) {
    return reading.readFirst(FIND.statement().bind().chat(chat).set(ID, id.value()), FIND.rows());
  }

  @Override
  public List<Erasure> unfinished(int limit) {
    return working.read(
        UNFINISHED.statement().bind().set(Parameters.LIMIT, limit), UNFINISHED.rows());
  }

  @Override
  public void complete(Erasure erasure, String receipt) {
    int _ =
        working.execute(
            COMPLETE
                .bind()
                .chat(erasure.chat())
                .set(ID, erasure.id().value())
                .set(RECEIPT, receipt));
  }
}
