package io.carechat.persistence.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A column of a statement's rows. Its position and the way to read it are found once, when the
 * statement is made. Immutable.
 *
 * @param <T> its values
 */
public final class Column<T> {
  private final String name;
  private final Class<T> javaType;
  private final ColumnType type;
  private final int position;

  Column(String name, Class<T> javaType, int position) {
    this.name = name;
    this.javaType = javaType;
    this.type = ColumnType.of(javaType);
    this.position = position;
  }

  /**
   * The value in a row.
   *
   * @throws IllegalStateException if it is null
   */
  public T get(ResultSet row) throws SQLException {
    T value = getOrNull(row);
    if (value == null) {
      throw new IllegalStateException("The column " + name + " is null");
    }
    return value;
  }

  /** The value in a row, or null. */
  public @Nullable T getOrNull(ResultSet row) throws SQLException {
    return javaType.cast(type.get(row, position));
  }
}
