package io.carechat.persistence.jdbc;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jooq.Field;
import org.jooq.Param;
import org.jspecify.annotations.Nullable;

/**
 * A statement and the values of its parameters, for one execution. Not safe for use by several
 * threads.
 */
public final class BoundStatement {
  /** In place of a value that has not been set. */
  private static final Object UNSET = new Object();

  private final SqlStatement statement;
  private final @Nullable Object[] values;
  private @Nullable TenantInstance instance;

  BoundStatement(SqlStatement statement) {
    this.statement = statement;
    this.values = new @Nullable Object[statement.size()];
    Arrays.fill(values, UNSET);
  }

  /**
   * Sets a parameter.
   *
   * @throws IllegalArgumentException if the statement has no such parameter
   */
  public <T> BoundStatement set(Param<T> param, @Nullable T value) {
    values[statement.number(SqlStatement.nameOf(param))] = value;
    return this;
  }

  /**
   * Sets a parameter that is an array: one column of many rows.
   *
   * @param value the element that a row has in the column
   */
  public <T, R> BoundStatement set(
      Param<T[]> param, List<R> rows, Function<? super R, ? extends @Nullable T> value) {
    return setAll(SqlStatement.nameOf(param), rows, value);
  }

  private <R> BoundStatement setAll(
      String param, List<R> rows, Function<? super R, ? extends @Nullable Object> value) {
    @Nullable Object[] elements = new @Nullable Object[rows.size()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = value.apply(rows.get(i));
    }
    values[statement.number(param)] = elements;
    return this;
  }

  /**
   * Sets a column of the rows that the statement is given.
   *
   * @param column one of the columns that {@code given} was made with, the same object
   * @param value what a row has in the column
   */
  public <T, R> BoundStatement set(
      GivenRows given,
      Field<T> column,
      List<R> rows,
      Function<? super R, ? extends @Nullable T> value) {
    return setAll(given.parameterOf(column), rows, value);
  }

  /** Sets {@link Parameters#TENANT} and {@link Parameters#INSTANCE}. */
  public BoundStatement instance(TenantInstance instance) {
    this.instance = instance;
    return set(Parameters.TENANT, instance.tenantName())
        .set(Parameters.INSTANCE, instance.instanceName());
  }

  /** Sets {@link Parameters#TENANT}, {@link Parameters#INSTANCE} and {@link Parameters#PATIENT}. */
  public BoundStatement chat(ChatId chat) {
    return instance(chat.instance()).set(Parameters.PATIENT, chat.patient().value());
  }

  /** The instance that it is for; empty if it is not for one. */
  Optional<TenantInstance> instance() {
    return Optional.ofNullable(instance);
  }

  /** Runs it, and gives its rows in their order. */
  public <T> List<T> read(Connection connection, RowMapper<T> mapper) throws SQLException {
    try (PreparedStatement prepared = prepare(connection);
        ResultSet rows = rows(prepared)) {
      var result = new ArrayList<T>();
      while (rows.next()) {
        result.add(mapper.map(rows));
      }
      return result;
    }
  }

  /** Runs it, and gives its first row, if there is one. */
  public <T> Optional<T> readFirst(Connection connection, RowMapper<T> mapper) throws SQLException {
    return read(connection, mapper).stream().findFirst();
  }

  /** Runs it, and gives how many rows it changed. */
  public int execute(Connection connection) throws SQLException {
    try (PreparedStatement prepared = prepare(connection)) {
      return prepared.executeUpdate();
    }
  }

  /** Runs it for its locks. */
  public void lock(Connection connection) throws SQLException {
    try (PreparedStatement prepared = prepare(connection)) {
      boolean _ = prepared.execute();
    }
  }

  /** The rows of its last query. */
  private ResultSet rows(PreparedStatement prepared) throws SQLException {
    boolean rows = prepared.execute();
    for (int i = 1; i < statement.queries(); i++) {
      rows = prepared.getMoreResults();
    }
    if (!rows) {
      throw new IllegalStateException("The statement should have given rows");
    }
    return prepared.getResultSet();
  }

  private PreparedStatement prepare(Connection connection) throws SQLException {
    PreparedStatement prepared = connection.prepareStatement(statement.sql());
    try {
      setAll(prepared, connection);
      return prepared;
    } catch (SQLException | RuntimeException e) {
      prepared.close();
      throw e;
    }
  }

  private void setAll(PreparedStatement prepared, Connection connection) throws SQLException {
    @Nullable Array[] arrays = new @Nullable Array[values.length];
    int[] numbers = statement.numbers();
    for (int i = 0; i < numbers.length; i++) {
      int number = numbers[i];
      Object value = values[number];
      if (value == UNSET) {
        throw new IllegalStateException(
            "The parameter " + statement.nameOf(number) + " was not set");
      }
      ColumnType type = statement.typeOf(number);
      if (value instanceof Object[] elements) {
        Array array = arrays[number];
        if (array == null) {
          array = connection.createArrayOf(type.sqlName, type.toDriver(elements));
          arrays[number] = array;
        }
        prepared.setArray(i + 1, array);
      } else {
        type.set(prepared, i + 1, value);
      }
    }
  }
}
