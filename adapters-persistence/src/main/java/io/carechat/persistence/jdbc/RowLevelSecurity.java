package io.carechat.persistence.jdbc;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.select;

import org.jooq.Field;
import org.jooq.Query;
import org.jooq.SelectSelectStep;

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
    return settings().select(more);
  }

  /**
   * As {@link #scope}, and its third column says whether the chat of the parameters is closed: see
   * {@link ChatStates}. PostgreSQL computes the columns one after the other, so the settings are
   * made by then.
   */
  static Query scopeOfChat(Field<?>... more) {
    return settings().select(ChatStates.isClosed().as("is_closed")).select(more);
  }

  private static SelectSelectStep<?> settings() {
    return select(
        field(
            "set_config({0}, {1}, true)",
            String.class, inline("carechat.tenant"), Parameters.TENANT),
        field(
            "set_config({0}, {1}, true)",
            String.class, inline("carechat.instance"), Parameters.INSTANCE));
  }
}
