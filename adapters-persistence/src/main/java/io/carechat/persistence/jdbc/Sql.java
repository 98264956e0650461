package io.carechat.persistence.jdbc;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Param;
import org.jooq.QueryPart;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** What is needed to write statements with jOOQ and run them with JDBC. */
final class Sql {
  private static final DSLContext JOOQ = DSL.using(SQLDialect.POSTGRES);

  private Sql() {}

  /** The statement with a question mark for each parameter. */
  static String render(QueryPart statement) {
    return JOOQ.render(statement);
  }

  /** A parameter; the name is for the reader. */
  static Param<String> text(String name) {
    return DSL.param(name, String.class);
  }

  static Param<UUID> uuid(String name) {
    return DSL.param(name, UUID.class);
  }

  static Param<UUID[]> uuids(String name) {
    return DSL.param(name, UUID[].class);
  }

  static Param<OffsetDateTime> time(String name) {
    return DSL.param(name, OffsetDateTime.class);
  }

  static Param<Long> number(String name) {
    return DSL.param(name, Long.class);
  }

  static Param<Integer> count(String name) {
    return DSL.param(name, Integer.class);
  }
}
