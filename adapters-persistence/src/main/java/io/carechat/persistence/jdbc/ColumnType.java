package io.carechat.persistence.jdbc;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a Java type are given to PostgreSQL's driver and taken from it. By switches,
 * and not by a method of each constant, because the JVM can inline the driver's methods then.
 */
enum ColumnType {
  TEXT(String.class, "text"),
  UUID_VALUE(UUID.class, "uuid"),
  INTEGER(Integer.class, "integer"),
  BIGINT(Long.class, "bigint"),
  BOOLEAN(Boolean.class, "boolean"),
  /**
   * {@link Instant#MAX} stands for {@code infinity}, which is later than every time, and {@link
   * Instant#MIN} for {@code -infinity}.
   */
  TIME(Instant.class, "timestamptz"),
  TEXTS(String[].class, "text[]");

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
    switch (this) {
      case TEXT -> statement.setString(position, (String) value);
      case TIME -> statement.setObject(position, time(value), Types.TIMESTAMP_WITH_TIMEZONE);
      case INTEGER -> statement.setObject(position, value, Types.INTEGER);
      case BIGINT -> statement.setObject(position, value, Types.BIGINT);
      case BOOLEAN -> statement.setObject(position, value, Types.BOOLEAN);
      case UUID_VALUE -> statement.setObject(position, value, Types.OTHER);
      case TEXTS -> throw new IllegalArgumentException("Elements cannot be arrays");
    }
  }

  /** Takes a value from a row, by the column's position, from 1. */
  @Nullable Object get(ResultSet row, int position) throws SQLException {
    return switch (this) {
      case TEXT -> row.getString(position);
      case UUID_VALUE -> row.getObject(position, UUID.class);
      case INTEGER -> orNull(row.getInt(position), row);
      case BIGINT -> orNull(row.getLong(position), row);
      case BOOLEAN -> orNull(row.getBoolean(position), row);
      case TIME -> instant(row.getObject(position, OffsetDateTime.class));
      case TEXTS -> elements(row.getArray(position));
    };
  }

  /** Values as the driver takes them as the elements of an array. */
  @Nullable Object[] toDriver(@Nullable Object[] elements) {
    if (this != TIME) {
      return elements;
    }
    @Nullable Object[] times = new @Nullable Object[elements.length];
    for (int i = 0; i < times.length; i++) {
      times[i] = time(elements[i]);
    }
    return times;
  }

  private static @Nullable OffsetDateTime time(@Nullable Object value) {
    if (!(value instanceof Instant time)) {
      return null;
    }
    if (time.equals(Instant.MIN)) {
      return OffsetDateTime.MIN;
    }
    return time.equals(Instant.MAX) ? OffsetDateTime.MAX : time.atOffset(ZoneOffset.UTC);
  }

  private static @Nullable Object orNull(Object value, ResultSet row) throws SQLException {
    return row.wasNull() ? null : value;
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  private static @Nullable Object elements(@Nullable Array array) throws SQLException {
    return array == null ? null : array.getArray();
  }
}
