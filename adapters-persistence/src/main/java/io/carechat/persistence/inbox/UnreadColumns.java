package io.carechat.persistence.inbox;

import io.carechat.domain.chat.ClientType;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.inbox.ReadMarker;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Reads what a statement has of one side of each chat. Immutable. */
final class UnreadColumns {
  private final ClientType side;
  private final Column<UUID> externalId;
  private final Column<Instant> createdAt;
  private final Column<Instant> readAt;
  private final Column<Integer> unreadCount;

  /** For a statement that selects the fields of the query. */
  UnreadColumns(UnreadQuery query, SqlStatement statement) {
    side = query.side();
    externalId = statement.column(query.externalId());
    createdAt = statement.column(query.createdAt());
    readAt = statement.column(query.readAt());
    unreadCount = statement.column(query.unreadCount());
  }

  /** The side's marker; empty if it has read nothing. */
  Optional<ReadMarker> marker(ResultSet row) throws SQLException {
    Instant read = readAt.getOrNull(row);
    return read == null
        ? Optional.empty()
        : Optional.of(
            new ReadMarker(side, new ExternalId(externalId.get(row)), createdAt.get(row), read));
  }

  /** How many messages of the other side it has not read, counted up to the domain's limit. */
  int unread(ResultSet row) throws SQLException {
    return unreadCount.get(row);
  }
}
