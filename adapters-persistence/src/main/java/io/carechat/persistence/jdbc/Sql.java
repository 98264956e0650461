package io.carechat.persistence.jdbc;

import java.time.Instant;
import java.util.List;
import org.jooq.CommonTableExpression;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.Record;
import org.jooq.ResultQuery;
import org.jooq.RowCountQuery;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** What many statements are made of. */
public final class Sql {
  /** A time that is later than every other. */
  public static final Field<Instant> INFINITY =
      DSL.field("timestamptz 'infinity'", SQLDataType.INSTANT);

  /** A time that is earlier than every other. */
  public static final Field<Instant> MINUS_INFINITY =
      DSL.field("timestamptz '-infinity'", SQLDataType.INSTANT);

  private Sql() {}

  /**
   * A column of a table that a statement makes itself: it has the name and the type of another
   * column.
   *
   * @param table an alias, or a common table expression
   */
  public static <T> Field<T> column(Table<?> table, Field<T> like) {
    return DSL.field(
        table.getUnqualifiedName().append(like.getUnqualifiedName()), like.getDataType());
  }

  /** As {@link #column}, of several columns. */
  public static List<Field<?>> columns(Table<?> table, List<Field<?>> like) {
    return like.stream().<Field<?>>map(field -> column(table, field)).toList();
  }

  /** A common table expression that changes rows, and has none itself. */
  public static CommonTableExpression<Record> effect(Name name, RowCountQuery change) {
    ResultQuery<Record> query = DSL.resultQuery("{0}", change);
    return name.as(query);
  }
}
