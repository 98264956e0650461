package io.carechat.persistence.jdbc;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.select;

import org.jooq.Field;
import org.jooq.Query;

/** What row-level security goes by: the settings that the policies of the tables compare. */
public final class RowLevelSecurity {
  private RowLevelSecurity() {}

  /**
   * A query that makes the settings, with the parameters {@link Parameters#TENANT} and {@link
   * Parameters#INSTANCE}. They last until the transaction ends, so the query that they are for must
   * be sent in the same round trip.
   *
   * @param more is selected besides them
   */
  public static Query scope(Field<?>... more) {
    return select(
            field(
                "set_config({0}, {1}, true)",
                String.class, inline("carechat.tenant"), Parameters.TENANT),
            field(
                "set_config({0}, {1}, true)",
                String.class, inline("carechat.instance"), Parameters.INSTANCE))
        .select(more);
  }
}
