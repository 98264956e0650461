package io.carechat.persistence.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How the values of a Java type are given to PostgreSQL's driver and taken from it. */
enum ColumnType {
  TEXT(String.class, "text") {
    @Override
    void set(PreparedStatement statement, int position, @Nullable Object value)
        throws SQLException {
      statement.setString(position, (String) value);
    }

    @Override
    @Nullable Object get(ResultSet row, int position) throws SQLException {
      return row.getString(position);
    }
  },

  UUID_VALUE(UUID.class, "uuid") {
    @Override
    @Nullable Object get(ResultSet row, int position) throws SQLException {
      return row.getObject(position, UUID.class);
    }
  },

  INTEGER(Integer.class, "integer") {
    @Override
    @Nullable Object get(ResultSet row, int position) throws SQLException {
      int value = row.getInt(position);
      return row.wasNull() ? null : value;
    }
  },

  BIGINT(Long.class, "bigint") {
    @Override
    @Nullable Object get(ResultSet row, int position) throws SQLException {
      long value = row.getLong(position);
      return row.wasNull() ? null : value;
    }
  },

  BOOLEAN(Boolean.class, "boolean") {
    @Override
    @Nullable Object get(ResultSet row, int position) throws SQLException {
      boolean value = row.getBoolean(position);
      return row.wasNull() ? null : value;
    }
  },

  /** {@link Instant#MAX} stands for {@code infinity}, which is later than every time. */
  TIME(Instant.class, "timestamptz") {
    @Override
    void set(PreparedStatement statement, int position, @Nullable Object value)
        throws SQLException {
      statement.setObject(position, toDriver(value), Types.TIMESTAMP_WITH_TIMEZONE);
    }

    @Override
    @Nullable Object get(ResultSet row, int position) throws SQLException {
      OffsetDateTime time = row.getObject(position, OffsetDateTime.class);
      return time == null ? null : time.toInstant();
    }

    @Override
    @Nullable Object[] toDriver(@Nullable Object[] elements) {
      @Nullable Object[] times = new @Nullable Object[elements.length];
      for (int i = 0; i < times.length; i++) {
        times[i] = toDriver(elements[i]);
      }
      return times;
    }

    private static @Nullable OffsetDateTime toDriver(@Nullable Object value) {
      if (!(value instanceof Instant time)) {
        return null;
      }
      return time.equals(Instant.MAX) ? OffsetDateTime.MAX : time.atOffset(ZoneOffset.UTC);
    }
  },

  TEXTS(String[].class, "text[]") {
    @Override
    @Nullable Object get(ResultSet row, int position) throws SQLException {
      java.sql.Array array = row.getArray(position);
      return array == null ? null : array.getArray();
    }
  };

  private final Class<?> javaType;

  /** The name of the type in PostgreSQL. */
  final String sqlName;

  ColumnType(Class<?> javaType, String sqlName) {
    this.javaType = javaType;
    this.sqlName = sqlName;
  }

  /**
   * The type of a class of values.
   *
   * @throws IllegalArgumentException if no statement has had such values yet
   */
  static ColumnType of(Class<?> javaType) {
    for (ColumnType type : values()) {
      if (type.javaType == javaType) {
        return type;
      }
    }
    throw new IllegalArgumentException("There is no type for columns of " + javaType);
  }

  /** Gives a value to a parameter of a statement, by the parameter's position, from 1. */
  void set(PreparedStatement statement, int position, @Nullable Object value) throws SQLException {
    statement.setObject(position, value);
  }

  /** Takes a value from a row, by the column's position, from 1. */
  abstract @Nullable Object get(ResultSet row, int position) throws SQLException;

  /** Values as the driver takes them as the elements of an array. */
  @Nullable Object[] toDriver(@Nullable Object[] elements) {
    return elements;
  }
}
