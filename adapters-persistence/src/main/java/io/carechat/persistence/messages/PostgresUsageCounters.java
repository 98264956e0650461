package io.carechat.persistence.messages;

import static io.carechat.persistence.generated.Tables.INSTANCE_USAGE;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.when;

import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.messages.UsageCounters;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jooq.Query;

/** The counts of instances in PostgreSQL. */
public final class PostgresUsageCounters implements UsageCounters {
  private static final GivenRows GIVEN =
      GivenRows.of(
          "given",
          INSTANCE_USAGE.TENANT_NAME,
          INSTANCE_USAGE.INSTANCE_NAME,
          INSTANCE_USAGE.DAY,
          INSTANCE_USAGE.MESSAGES,
          INSTANCE_USAGE.BYTES);

  private static final SqlStatement ADD = SqlStatement.of(add());

  private static final RowMapper<TenantInstance> INSTANCE = ChatKeys.instances(ADD);
  private static final Column<Long> DAY = ADD.column(INSTANCE_USAGE.DAY);
  private static final Column<Long> MESSAGES = ADD.column(INSTANCE_USAGE.MESSAGES);
  private static final Column<Long> BYTES = ADD.column(INSTANCE_USAGE.BYTES);

  private final Connections working;

  /**
   * @param working connections that see all instances
   */
  public PostgresUsageCounters(Connections working) {
    this.working = working;
  }

  private record Row(TenantInstance instance, Usage usage) {}

  /** Locks the rows in the order of their keys, so that nodes never wait in a circle. */
  private static Query add() {
    return insertInto(
            INSTANCE_USAGE,
            INSTANCE_USAGE.TENANT_NAME,
            INSTANCE_USAGE.INSTANCE_NAME,
            INSTANCE_USAGE.DAY,
            INSTANCE_USAGE.MESSAGES,
            INSTANCE_USAGE.BYTES)
        .select(
            select(
                    GIVEN.field(INSTANCE_USAGE.TENANT_NAME),
                    GIVEN.field(INSTANCE_USAGE.INSTANCE_NAME),
                    GIVEN.field(INSTANCE_USAGE.DAY),
                    GIVEN.field(INSTANCE_USAGE.MESSAGES),
                    GIVEN.field(INSTANCE_USAGE.BYTES))
                .from(GIVEN.table())
                .orderBy(
                    GIVEN.field(INSTANCE_USAGE.TENANT_NAME),
                    GIVEN.field(INSTANCE_USAGE.INSTANCE_NAME)))
        .onConflict(INSTANCE_USAGE.TENANT_NAME, INSTANCE_USAGE.INSTANCE_NAME)
        .doUpdate()
        .set(INSTANCE_USAGE.DAY, greatest(INSTANCE_USAGE.DAY, excluded(INSTANCE_USAGE.DAY)))
        .set(
            INSTANCE_USAGE.MESSAGES,
            when(
                    excluded(INSTANCE_USAGE.DAY).gt(INSTANCE_USAGE.DAY),
                    excluded(INSTANCE_USAGE.MESSAGES))
                .when(
                    excluded(INSTANCE_USAGE.DAY).eq(INSTANCE_USAGE.DAY),
                    INSTANCE_USAGE.MESSAGES.plus(excluded(INSTANCE_USAGE.MESSAGES)))
                .otherwise(INSTANCE_USAGE.MESSAGES))
        .set(INSTANCE_USAGE.BYTES, INSTANCE_USAGE.BYTES.plus(excluded(INSTANCE_USAGE.BYTES)))
        .returning(
            INSTANCE_USAGE.TENANT_NAME,
            INSTANCE_USAGE.INSTANCE_NAME,
            INSTANCE_USAGE.DAY,
            INSTANCE_USAGE.MESSAGES,
            INSTANCE_USAGE.BYTES);
  }

  @Override
  public Map<TenantInstance, Usage> add(Map<TenantInstance, Usage> more) {
    List<Row> rows =
        more.entrySet().stream().map(entry -> new Row(entry.getKey(), entry.getValue())).toList();
    return working
        .read(
            ADD.bind()
                .set(GIVEN, INSTANCE_USAGE.TENANT_NAME, rows, row -> row.instance.tenantName())
                .set(GIVEN, INSTANCE_USAGE.INSTANCE_NAME, rows, row -> row.instance.instanceName())
                .set(GIVEN, INSTANCE_USAGE.DAY, rows, row -> row.usage.day())
                .set(GIVEN, INSTANCE_USAGE.MESSAGES, rows, row -> row.usage.messages())
                .set(GIVEN, INSTANCE_USAGE.BYTES, rows, row -> row.usage.bytes()),
            row ->
                new Row(
                    INSTANCE.map(row), new Usage(DAY.get(row), MESSAGES.get(row), BYTES.get(row))))
        .stream()
        .collect(Collectors.toMap(Row::instance, Row::usage));
  }
}
