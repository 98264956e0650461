package io.carechat.persistence.jdbc;
import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The parameters of a statement, set in the order in which it has them. */
final class Parameters {
  /** What a statement is given before it is run. */
  @FunctionalInterface
  interface Setting {
    void to(Parameters parameters) throws SQLException;
  }

  private final PreparedStatement statement;
  private int last;

  Parameters(PreparedStatement statement) {
    this.statement = statement;
  }

  Parameters text(String value) throws SQLException {
    statement.setString(++last, value);
    return this;
  }

  Parameters textOrNull(@Nullable String value) throws SQLException {
    statement.setString(++last, value);
    return this;
  }

  Parameters number(int value) throws SQLException {
    statement.setInt(++last, value);
    return this;
  }

  Parameters number(long value) throws SQLException {
    statement.setLong(++last, value);
    return this;
  }

  Parameters uuid(UUID value) throws SQLException {
    statement.setObject(++last, value);
    return this;
  }

  Parameters yesOrNo(boolean value) throws SQLException {
    statement.setBoolean(++last, value);
    return this;
  }

  Parameters time(Instant value) throws SQLException {
    statement.setObject(++last, utc(value));
    return this;
  }

  Parameters timeOrNull(@Nullable Instant value) throws SQLException {
    statement.setObject(++last, value == null ? null : utc(value), Types.TIMESTAMP_WITH_TIMEZONE);
    return this;
  }

  /** Later than every time. */
  Parameters endOfTime() throws SQLException {
    statement.setObject(++last, OffsetDateTime.MAX); // which the driver sends as 'infinity'
    return this;
  }

  /** What {@link Connections#SCOPE} is given. */
  Parameters scope(TenantInstance instance) throws SQLException {
    return text(instance.tenantName()).text(instance.instanceName());
  }

  /** The three columns that a chat is named by. */
  Parameters chat(ChatId chat) throws SQLException {
    return text(chat.instance().tenantName())
        .text(chat.instance().instanceName())
        .uuid(chat.patient().value());
  }

  /**
   * One column of many rows.
   *
   * @param type of the elements, by its name in PostgreSQL
   */
  <T> Parameters column(String type, List<T> rows, Function<T, ? extends @Nullable Object> value)
      throws SQLException {
    @Nullable Object[] values = new @Nullable Object[rows.size()];
    for (int i = 0; i < values.length; i++) {
      Object of = value.apply(rows.get(i));
      values[i] = of instanceof Instant time ? utc(time) : of;
    }
    statement.setArray(++last, statement.getConnection().createArrayOf(type, values));
    return this;
  }

  private static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }
}
