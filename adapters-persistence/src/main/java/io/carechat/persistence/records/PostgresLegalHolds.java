package io.carechat.persistence.records;

import static io.carechat.persistence.generated.Tables.LEGAL_HOLD;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.deleteFrom;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.records.HoldId;
import io.carechat.domain.records.LegalHold;
import io.carechat.domain.records.LegalHolds;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Param;

/** Places and lifts legal holds, under the lock of the chat. */
public final class PostgresLegalHolds implements LegalHolds {
  private static final Param<UUID> ID = Parameters.uuid("hold");
  private static final Param<String> REFERENCE = Parameters.text("reference");
  private static final Param<Instant> PLACED_AT = Parameters.time("placed_at");
  private static final Param<String> PLACED_BY = Parameters.text("placed_by");

  private static final SqlStatement COUNT =
      SqlStatement.of(select(count()).from(LEGAL_HOLD).where(isOfChat()));

  private static final Column<Integer> COUNTED = COUNT.column(count());

  private static final SqlStatement PLACE =
      SqlStatement.of(
          insertInto(LEGAL_HOLD)
              .set(LEGAL_HOLD.TENANT_NAME, Parameters.TENANT)
              .set(LEGAL_HOLD.INSTANCE_NAME, Parameters.INSTANCE)
              .set(LEGAL_HOLD.PATIENT_ID, Parameters.PATIENT)
              .set(LEGAL_HOLD.HOLD_ID, ID)
              .set(LEGAL_HOLD.REFERENCE, REFERENCE)
              .set(LEGAL_HOLD.PLACED_AT, PLACED_AT)
              .set(LEGAL_HOLD.PLACED_BY, PLACED_BY));

  private static final SqlStatement LIFT =
      SqlStatement.of(deleteFrom(LEGAL_HOLD).where(isOfChat()).and(LEGAL_HOLD.HOLD_ID.eq(ID)));

  private static final SqlStatement LIST =
      SqlStatement.ofInstance(
          select(
                  LEGAL_HOLD.HOLD_ID,
                  LEGAL_HOLD.REFERENCE,
                  LEGAL_HOLD.PLACED_AT,
                  LEGAL_HOLD.PLACED_BY)
              .from(LEGAL_HOLD)
              .where(isOfChat())
              .orderBy(LEGAL_HOLD.PLACED_AT, LEGAL_HOLD.HOLD_ID));

  private static final Column<UUID> LISTED_ID = LIST.column(LEGAL_HOLD.HOLD_ID);
  private static final Column<String> LISTED_REFERENCE = LIST.column(LEGAL_HOLD.REFERENCE);
  private static final Column<Instant> LISTED_AT = LIST.column(LEGAL_HOLD.PLACED_AT);
  private static final Column<String> LISTED_BY = LIST.column(LEGAL_HOLD.PLACED_BY);

  private final Connections reading;
  private final Connections storing;

  /**
   * @param reading for requests
   * @param storing for the role that stores
   */
  public PostgresLegalHolds(Connections reading, Connections storing) {
    this.reading = reading;
    this.storing = storing;
  }

  private static Condition isOfChat() {
    return row(LEGAL_HOLD.TENANT_NAME, LEGAL_HOLD.INSTANCE_NAME, LEGAL_HOLD.PATIENT_ID).eq(chat());
  }

  /** How many holds a chat has. The transaction holds the chat's lock. */
  static int number(Connection connection, ChatId chat) throws SQLException {
    return COUNT.bind().chat(chat).read(connection, COUNTED::get).getFirst();
  }

  @Override
  public Placed place(ChatId chat, LegalHold hold) {
    return storing.inTransaction(connection -> {
      ChatLock locked = ChatLock.take(connection, chat);
      if (locked.lastCreatedAt().isEmpty() || locked.erasing().isPresent()) {
        return Placed.NO_CHAT;
      }
      if (number(connection, chat) >= MAX) {
        return Placed.TOO_MANY;
      }
      int _ =
          PLACE
              .bind()
              .chat(chat)
              .set(ID, hold.id().value())
              .set(REFERENCE, hold.reference())
              .set(PLACED_AT, hold.placedAt())
              .set(PLACED_BY, hold.placedBy())
              .execute(connection);
      return Placed.PLACED;
    });
  }

  @Override
  public List<LegalHold> list(ChatId chat) {
    return reading.read(
        LIST.bind().chat(chat),
        row ->
            new LegalHold(
                new HoldId(LISTED_ID.get(row)),
                LISTED_REFERENCE.getOrNull(row),
                LISTED_AT.get(row),
                LISTED_BY.get(row)));
  }

  @Override
  public boolean lift(ChatId chat, HoldId id, Instant now) {
    return storing.inTransaction(connection -> {
      ChatLock locked = ChatLock.take(connection, chat);
      if (LIFT.bind().chat(chat).set(ID, id.value()).execute(connection) == 0) {
        return false;
      }
      if (number(connection, chat) == 0) {
        PostgresErasures.beginHeld(connection, locked, chat, now);
      }
      return true;
    });
  }
}
