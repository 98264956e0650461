package io.carechat.persistence.records;

import static io.carechat.persistence.generated.Tables.CHAT;
import static io.carechat.persistence.generated.Tables.LEGAL_HOLD;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.records.RetentionCandidates;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.ChatStates;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.Param;

/** Finds chats along the index of the inbox. */
public final class PostgresRetentionCandidates implements RetentionCandidates {
  private static final Param<Instant> BEFORE = Parameters.time("before");

  /** The first instance after another one: along the primary key. */
  private static final SqlStatement NEXT_INSTANCE =
      SqlStatement.of(
          select(CHAT.TENANT_NAME, CHAT.INSTANCE_NAME)
              .from(CHAT)
              .where(instance(CHAT).gt(instance()))
              .orderBy(CHAT.TENANT_NAME, CHAT.INSTANCE_NAME)
              .limit(inline(1)));

  private static final RowMapper<TenantInstance> INSTANCE = ChatKeys.instances(NEXT_INSTANCE);

  private static final SqlStatement QUIET =
      SqlStatement.ofInstance(
          select(CHAT.TENANT_NAME, CHAT.INSTANCE_NAME, CHAT.PATIENT_ID)
              .from(CHAT)
              .where(instance(CHAT).eq(instance()))
              .and(CHAT.LAST_CREATED_AT.lt(BEFORE))
              .and(ChatStates.isOpen(chat(CHAT)))
              .and(
                  notExists(
                      selectOne()
                          .from(LEGAL_HOLD)
                          .where(
                              row(
                                      LEGAL_HOLD.TENANT_NAME,
                                      LEGAL_HOLD.INSTANCE_NAME,
                                      LEGAL_HOLD.PATIENT_ID)
                                  .eq(chat(CHAT)))))
              .orderBy(CHAT.LAST_CREATED_AT, CHAT.PATIENT_ID)
              .limit(Parameters.LIMIT));

  private static final RowMapper<ChatId> QUIET_CHAT = ChatKeys.chats(QUIET);

  private final Connections reading;
  private final Connections working;

  /**
   * @param reading for requests, and for the chats of one instance
   * @param working for all instances
   */
  public PostgresRetentionCandidates(Connections reading, Connections working) {
    this.reading = reading;
    this.working = working;
  }

  @Override
  public List<TenantInstance> instances() {
    var instances = new ArrayList<TenantInstance>();
    Optional<TenantInstance> next = after("", "");
    while (next.isPresent()) {
      instances.add(next.get());
      next = after(next.get().tenantName(), next.get().instanceName());
    }
    return instances;
  }

  private Optional<TenantInstance> after(String tenant, String instance) {
    return working.readFirst(
        NEXT_INSTANCE.bind().set(Parameters.TENANT, tenant).set(Parameters.INSTANCE, instance),
        INSTANCE);
  }

  @Override
  public List<ChatId> quietSince(TenantInstance instance, Instant before, int limit) {
    return reading.read(
        QUIET.bind().instance(instance).set(BEFORE, before).set(Parameters.LIMIT, limit),
        QUIET_CHAT);
  }
}
