package io.carechat.persistence.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Makes a value of the current row of a result set. Must not move the result set. */
@FunctionalInterface
public interface RowMapper<T> {
  T map(ResultSet row) throws SQLException;
}
