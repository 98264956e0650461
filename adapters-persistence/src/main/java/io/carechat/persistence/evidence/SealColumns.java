package io.carechat.persistence.evidence;

import static io.carechat.persistence.generated.Tables.AUDIT_CHECKPOINT;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.evidence.CompactRange;
import io.carechat.domain.evidence.RowHashes;
import io.carechat.domain.evidence.Seal;
import io.carechat.domain.evidence.SignedCheckpoint;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jooq.Field;

/**
 * Reads checkpoints from the rows of a statement. A row that the service has not written like that
 * becomes a checkpoint that is not genuine. Immutable.
 */
final class SealColumns implements RowMapper<Seal> {
  /** What a statement must select. */
  static final List<Field<?>> FIELDS =
      List.of(
          AUDIT_CHECKPOINT.TENANT_NAME,
          AUDIT_CHECKPOINT.INSTANCE_NAME,
          AUDIT_CHECKPOINT.SIZE,
          AUDIT_CHECKPOINT.NOTE,
          AUDIT_CHECKPOINT.TREE,
          AUDIT_CHECKPOINT.LAST_TRANSACTION,
          AUDIT_CHECKPOINT.LAST_NUMBER,
          AUDIT_CHECKPOINT.ROW_HASHES);

  private final RowMapper<TenantInstance> instance;
  private final Column<Long> size;
  private final Column<String> note;
  private final Column<String> tree;
  private final Column<Long> lastTransaction;
  private final Column<Long> lastNumber;
  private final Column<String> rowHashes;

  /** For a statement that selects {@link #FIELDS}. */
  SealColumns(SqlStatement statement) {
    instance = ChatKeys.instances(statement);
    size = statement.column(AUDIT_CHECKPOINT.SIZE);
    note = statement.column(AUDIT_CHECKPOINT.NOTE);
    tree = statement.column(AUDIT_CHECKPOINT.TREE);
    lastTransaction = statement.column(AUDIT_CHECKPOINT.LAST_TRANSACTION);
    lastNumber = statement.column(AUDIT_CHECKPOINT.LAST_NUMBER);
    rowHashes = statement.column(AUDIT_CHECKPOINT.ROW_HASHES);
  }

  @Override
  public Seal map(ResultSet row) throws SQLException {
    TenantInstance of = instance.map(row);
    long rows = size.get(row);
    LogPosition last = new LogPosition(lastTransaction.get(row), lastNumber.get(row));
    Optional<SignedCheckpoint> signed =
        SignedCheckpoint.parse(note.get(row)).filter(read -> read.checkpoint().size() == rows);
    if (signed.isEmpty()) {
      return Seal.unreadable(of, rows, last);
    }
    try {
      return new Seal(
          signed.get(),
          CompactRange.of(rows, Base64.getDecoder().decode(tree.get(row))),
          last,
          RowHashes.of(Base64.getDecoder().decode(rowHashes.get(row))));
    } catch (IllegalArgumentException e) {
      return Seal.unreadable(of, rows, last);
    }
  }
}
