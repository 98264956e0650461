package io.carechat.persistence.jdbc;

import java.time.Instant;
import java.util.UUID;
import org.jooq.Field;
import org.jooq.Param;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** The parameters that many statements have, and how others are made. */
public final class Parameters {
  public static final Param<String> TENANT = text("tenant");
  public static final Param<String> INSTANCE = text("instance");
  public static final Param<UUID> PATIENT = uuid("patient");

  /** How many rows are read at most. */
  public static final Param<Integer> LIMIT = integer("limit");

  /** Stands for {@code infinity}, which is later than every time, where a time is set. */
  public static final Instant END_OF_TIME = Instant.MAX;

  /** Stands for {@code -infinity}, which is earlier than every time, where a time is set. */
  public static final Instant START_OF_TIME = Instant.MIN;

  private Parameters() {}

  /** A parameter with the name and the type of a column. */
  public static <T> Param<T> like(Field<T> column) {
    return DSL.param(column.getName(), column.getDataType());
  }

  /** An array of values of a column. */
  public static <T> Param<T[]> array(String name, Field<T> column) {
    return DSL.param(name, column.getDataType().array());
  }

  /** A text. */
  public static Param<String> text(String name) {
    return DSL.param(name, SQLDataType.CLOB);
  }

  /** A UUID. */
  public static Param<UUID> uuid(String name) {
    return DSL.param(name, SQLDataType.UUID);
  }

  /** A number of 32 bits. */
  public static Param<Integer> integer(String name) {
    return DSL.param(name, SQLDataType.INTEGER);
  }

  /** A number of 64 bits. */
  public static Param<Long> bigint(String name) {
    return DSL.param(name, SQLDataType.BIGINT);
  }

  /** True or false. */
  public static Param<Boolean> bool(String name) {
    return DSL.param(name, SQLDataType.BOOLEAN);
  }

  /** A time, to the microsecond. */
  public static Param<Instant> time(String name) {
    return DSL.param(name, SQLDataType.INSTANT);
  }
}
