package io.carechat.persistence.jdbc;

import static org.jooq.impl.DSL.asterisk;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jooq.CommonTableExpression;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.Param;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/**
 * Rows that a statement is given, as a table: an array for each column, which PostgreSQL unnests.
 * So one statement takes any number of rows. Immutable.
 */
public final class GivenRows {
  private static final Field<Long> ORDINAL = DSL.field(name("ordinal"), SQLDataType.BIGINT);

  private final Name name;

  /** By the identity of the columns, since jOOQ computes a hash code anew each time. */
  private final IdentityHashMap<Field<?>, String> parameters = new IdentityHashMap<>();

  private final Table<Record> table;

  /**
   * @param name of the table in the statement; no other table of the statement may have it
   * @param columns the rows get columns of their names and types
   */
  private GivenRows(String name, boolean numbered, List<Field<?>> columns) {
    this.name = name(name);
    var names = new ArrayList<Name>();
    var arrays = new ArrayList<Param<?>>();
    for (Field<?> column : columns) {
      String parameter = name + "_" + column.getName();
      parameters.put(column, parameter);
      arrays.add(DSL.param(parameter, column.getDataType().array()));
      names.add(column.getUnqualifiedName());
    }
    if (numbered) {
      names.add(ORDINAL.getUnqualifiedName());
    }
    String unnested =
        IntStream.range(0, columns.size())
            .mapToObj(i -> "{" + i + "}")
            .collect(Collectors.joining(", ", "unnest(", ")"));
    this.table =
        DSL.table(
                numbered ? unnested + " with ordinality" : unnested,
                arrays.toArray(Param<?>[]::new))
            .as(this.name, names.toArray(Name[]::new));
  }

  /** Rows with these columns. */
  public static GivenRows of(String name, Field<?>... columns) {
    return new GivenRows(name, false, List.of(columns));
  }

  /** Rows with these columns, and a last one with their {@link #ordinal}. */
  public static GivenRows numbered(String name, Field<?>... columns) {
    return new GivenRows(name, true, List.of(columns));
  }

  /** As an item of FROM. */
  public Table<Record> table() {
    return table;
  }

  /** As a common table expression of the same name, for statements that read it several times. */
  public CommonTableExpression<Record> expression() {
    return name.as(select(asterisk()).from(table));
  }

  /** A column of the rows. */
  public <T> Field<T> field(Field<T> column) {
    return DSL.field(name.append(column.getUnqualifiedName()), column.getDataType());
  }

  /** The column that numbers the rows, from 1. */
  public Field<Long> ordinal() {
    return field(ORDINAL);
  }

  /** The name of the parameter that has the values of a column. */
  String parameterOf(Field<?> column) {
    String parameter = parameters.get(column);
    if (parameter == null) {
      throw new IllegalArgumentException("The rows have no column " + column.getName());
    }
    return parameter;
  }
}
