package io.carechat.persistence.keys;

import static io.carechat.persistence.generated.Tables.API_KEY;

import io.carechat.domain.access.Scope;
import io.carechat.domain.chat.KeyId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.keys.ApiKey;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jooq.Field;

/** Reads keys from rows. Immutable. */
final class KeyColumns implements RowMapper<ApiKey> {
  /** The columns that are read. */
  static final List<Field<?>> FIELDS =
      List.of(
          API_KEY.TENANT_NAME,
          API_KEY.INSTANCE_NAME,
          API_KEY.KEY_ID,
          API_KEY.SCOPES,
          API_KEY.NOTE,
          API_KEY.REASON,
          API_KEY.CERTIFICATE,
          API_KEY.CREATED_AT,
          API_KEY.CREATED_BY,
          API_KEY.EXPIRES_AT,
          API_KEY.REVOKED_AT,
          API_KEY.LAST_USED_ON);

  private final RowMapper<TenantInstance> instance;
  private final Column<String> id;
  private final Column<String[]> scopes;
  private final Column<String> note;
  private final Column<String> reason;
  private final Column<String> certificate;
  private final Column<Instant> createdAt;
  private final Column<String> createdBy;
  private final Column<Instant> expiresAt;
  private final Column<Instant> revokedAt;
  private final Column<LocalDate> lastUsedOn;

  /** For a statement that selects {@link #FIELDS}. */
  KeyColumns(SqlStatement statement) {
    instance = ChatKeys.instances(statement);
    id = statement.column(API_KEY.KEY_ID);
    scopes = statement.column(API_KEY.SCOPES);
    note = statement.column(API_KEY.NOTE);
    reason = statement.column(API_KEY.REASON);
    certificate = statement.column(API_KEY.CERTIFICATE);
    createdAt = statement.column(API_KEY.CREATED_AT);
    createdBy = statement.column(API_KEY.CREATED_BY);
    expiresAt = statement.column(API_KEY.EXPIRES_AT);
    revokedAt = statement.column(API_KEY.REVOKED_AT);
    lastUsedOn = statement.column(API_KEY.LAST_USED_ON);
  }

  /** A scope that this version does not know was given by a newer one, and allows nothing. */
  @Override
  public ApiKey map(ResultSet row) throws SQLException {
    return new ApiKey(
        instance.map(row),
        new KeyId(id.get(row)),
        Arrays.stream(scopes.get(row))
            .flatMap(name -> Scope.ofWireName(name).stream())
            .collect(Collectors.toUnmodifiableSet()),
        note.get(row),
        reason.getOrNull(row),
        certificate.getOrNull(row),
        new ApiKey.Creation(createdAt.get(row), createdBy.get(row)),
        expiresAt.getOrNull(row),
        revokedAt.getOrNull(row),
        lastUsedOn.getOrNull(row));
  }
}
