package io.carechat.persistence.jdbc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Log;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.ResultQuery;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jooq.tools.JooqLogger;

/**
 * A statement that is written with jOOQ and rendered once, when it is made. Its parameters are set
 * by name, and its rows are read by field. With jOOQ alone, each call would build and render the
 * statement again, which takes longer than PostgreSQL takes to run it. Immutable.
 *
 * <p>It may consist of several queries. The driver sends them in one round trip and with one Sync
 * message, which makes them one transaction where no other is open. The rows are those of the last
 * query.
 *
 * <p>Every parameter must have a name. The same name may be used in several places, and gets one
 * value.
 */
public final class SqlStatement {
  /** In front of the name of a parameter, so that nothing else is taken for one. */
  private static final String MARK = "\u0001";

  private static final Pattern PARAMETER = Pattern.compile(MARK + "(\\w+)");
  private static final Pattern NAME = Pattern.compile("[a-z]\\w*");

  static {
    // Otherwise jOOQ logs a greeting when it renders its first statement.
    JooqLogger.globalThreshold(Log.Level.WARN);
  }

  private static final DSLContext JOOQ =
      DSL.using(SQLDialect.POSTGRES, new Settings().withRenderNamedParamPrefix(MARK));

  private final String sql;
  private final int queries;
  private final Map<String, Integer> numberByName = new HashMap<>();
  private final List<String> names;
  private final ColumnType[] types;
  private final int[] numbers;
  private final List<String> columns;

  /**
   * @param params the parameters at the question marks, in their order
   */
  private SqlStatement(String sql, int queries, List<Param<?>> params, List<String> columns) {
    this.sql = sql;
    this.queries = queries;
    this.columns = columns;
    Map<String, Class<?>> typeByName = new LinkedHashMap<>();
    for (Param<?> param : params) {
      Class<?> former = typeByName.putIfAbsent(nameOf(param), param.getType());
      if (former != null && former != param.getType()) {
        throw new IllegalArgumentException("Parameters of two types are named " + nameOf(param));
      }
    }
    this.names = List.copyOf(typeByName.keySet());
    for (String name : names) {
      numberByName.put(name, numberByName.size());
    }
    this.types =
        typeByName.values().stream()
            .map(type -> ColumnType.of(type.isArray() ? type.getComponentType() : type))
            .toArray(ColumnType[]::new);
    this.numbers = params.stream().mapToInt(param -> numberByName.get(nameOf(param))).toArray();
  }

  /**
   * Renders queries.
   *
   * @throws IllegalArgumentException if a parameter has no name, or two of different types have the
   *     same name
   */
  public static SqlStatement of(Query... queries) {
    var params = new ArrayList<Param<?>>();
    var sql = new StringBuilder();
    for (Query query : queries) {
      if (!sql.isEmpty()) {
        sql.append("; ");
      }
      Map<String, Param<?>> all = JOOQ.extractParams(query);
      Matcher matcher = PARAMETER.matcher(JOOQ.renderNamedParams(query));
      while (matcher.find()) {
        String name = matcher.group(1);
        Param<?> param = all.get(name);
        if (param == null || !NAME.matcher(name).matches()) {
          throw new IllegalArgumentException("A parameter has no name: inline it, or name it");
        }
        params.add(param);
        matcher.appendReplacement(sql, "?");
      }
      matcher.appendTail(sql);
    }
    return new SqlStatement(
        sql.toString(), queries.length, params, selected(queries[queries.length - 1]));
  }

  private static List<String> selected(Query query) {
    return query instanceof ResultQuery<?> rows
        ? Stream.of(rows.fields()).map(Field::getName).toList()
        : List.of();
  }

  /**
   * Renders a query for the role that reads for requests: row-level security lets it see the rows
   * of the instance that {@link BoundStatement#instance} sets.
   */
  public static SqlStatement ofInstance(Query query) {
    return of(RowLevelSecurity.scope(), query);
  }

  /** Begins to set the parameters. */
  public BoundStatement bind() {
    return new BoundStatement(this);
  }

  /**
   * The column of the rows that has the name of a field.
   *
   * @throws IllegalArgumentException if there is no such column, or several
   */
  public <T> Column<T> column(Field<T> field) {
    String name = field.getName();
    int index = columns.indexOf(name);
    if (index < 0 || index != columns.lastIndexOf(name)) {
      throw new IllegalArgumentException(
          "There must be one column named " + name + " among " + columns);
    }
    return new Column<>(name, field.getType(), index + 1);
  }

  /** With a question mark for each parameter. */
  public String sql() {
    return sql;
  }

  /** How many queries it consists of. */
  int queries() {
    return queries;
  }

  /** How many different parameters it has. */
  int size() {
    return names.size();
  }

  /** The numbers of the parameters at the question marks, in their order. */
  int[] numbers() {
    return numbers;
  }

  String nameOf(int number) {
    return names.get(number);
  }

  /** The type of a parameter's values, or of their elements if they are arrays. */
  ColumnType typeOf(int number) {
    return types[number];
  }

  /**
   * The number of a parameter by its name, from 0.
   *
   * @throws IllegalArgumentException if the statement has no such parameter
   */
  int number(String param) {
    Integer number = numberByName.get(param);
    if (number == null) {
      throw new IllegalArgumentException("There is no parameter " + param);
    }
    return number;
  }

  static String nameOf(Param<?> param) {
    return Objects.requireNonNull(param.getParamName());
  }

  @Override
  public String toString() {
    return sql;
  }
}
