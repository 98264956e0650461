package io.carechat.persistence.records;

import static io.carechat.persistence.generated.Tables.CHAT_ERASURE;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.records.Erasure;
import io.carechat.domain.records.ErasureId;
import io.carechat.domain.records.ErasureReason;
import io.carechat.domain.records.Removed;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads erasures from the rows of a statement that selects all columns. Immutable. */
final class ErasureRows implements RowMapper<Erasure> {
  private final RowMapper<ChatId> chat;
  private final Column<UUID> id;
  private final Column<String> reason;
  private final Column<Instant> requestedAt;
  private final Column<String> requestedBy;
  private final Column<String> state;
  private final Column<Instant> through;
  private final Column<Long> messages;
  private final Column<Long> events;
  private final Column<Long> deliveries;
  private final Column<Long> attempts;
  private final Column<Long> readMarkers;
  private final Column<Long> sessions;
  private final Column<Instant> removedAt;
  private final Column<Long> transaction;
  private final Column<Long> number;
  private final Column<String> receipt;

  ErasureRows(SqlStatement statement) {
    chat = ChatKeys.chats(statement);
    id = statement.column(CHAT_ERASURE.ERASURE_ID);
    reason = statement.column(CHAT_ERASURE.REASON);
    requestedAt = statement.column(CHAT_ERASURE.REQUESTED_AT);
    requestedBy = statement.column(CHAT_ERASURE.REQUESTED_BY);
    state = statement.column(CHAT_ERASURE.STATE);
    through = statement.column(CHAT_ERASURE.THROUGH);
    messages = statement.column(CHAT_ERASURE.MESSAGES);
    events = statement.column(CHAT_ERASURE.EVENTS);
    deliveries = statement.column(CHAT_ERASURE.DELIVERIES);
    attempts = statement.column(CHAT_ERASURE.ATTEMPTS);
    readMarkers = statement.column(CHAT_ERASURE.READ_MARKERS);
    sessions = statement.column(CHAT_ERASURE.SESSIONS);
    removedAt = statement.column(CHAT_ERASURE.REMOVED_AT);
    transaction = statement.column(CHAT_ERASURE.LOG_TRANSACTION);
    number = statement.column(CHAT_ERASURE.LOG_NUMBER);
    receipt = statement.column(CHAT_ERASURE.RECEIPT);
  }

  @Override
  public Erasure map(ResultSet row) throws SQLException {
    return new Erasure(
        new ErasureId(id.get(row)),
        chat.map(row),
        ErasureReason.valueOf(reason.get(row)),
        requestedAt.get(row),
        requestedBy.get(row),
        Erasure.State.valueOf(state.get(row)),
        through.getOrNull(row),
        new Removed(
            messages.get(row),
            events.get(row),
            deliveries.get(row),
            attempts.get(row),
            readMarkers.get(row),
            sessions.get(row)),
        removedAt.getOrNull(row),
        position(row),
        receipt.getOrNull(row));
  }

  private @Nullable LogPosition position(ResultSet row) throws SQLException {
    Long ofTransaction = transaction.getOrNull(row);
    return ofTransaction == null ? null : new LogPosition(ofTransaction, number.get(row));
  }
}
