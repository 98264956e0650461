package io.carechat.persistence.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jooq.impl.DSL.select;

import io.carechat.persistence.TestDatabase;
import io.carechat.persistence.jdbc.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogOrderTest {
  /** A lock has half of an id, which stands for the nearest one, before the next id or after it. */
  @Test
  void findsTheOldestWriterAcrossTheEndOfALocksNumbers() throws SQLException {
    String horizon = SqlStatement.of(select(LogOrder.HORIZON)).sql();
    try (Connection open = TestDatabase.create().superuser()) {
      open.setAutoCommit(false);
      long next = TestDatabase.number(open, horizon);
      for (long distance : List.of(1L, 10_000L, (1L << 31) - 1, -1L, -10_000L, 10L - (1L << 31))) {
        int half = (int) (next - distance);
        TestDatabase.execute(open, "select pg_advisory_xact_lock_shared(1667330401, " + half + ")");

        assertThat(TestDatabase.number(open, horizon))
            .as("%d before the next", distance)
            .isBetween(next - Math.max(0, distance), next - Math.max(0, distance) + 100);
        open.rollback();
      }
    }
  }
}
