package io.carechat.persistence.records;

import static io.carechat.persistence.generated.Tables.CHAT_STATE;
import static io.carechat.persistence.jdbc.ChatKeys.chat;
import static org.jooq.impl.DSL.castNull;
import static org.jooq.impl.DSL.insertInto;
import static org.jooq.impl.DSL.update;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.records.Restrictions;
import io.carechat.persistence.events.EventType;
import io.carechat.persistence.jdbc.ChatStates;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Parameters;
import io.carechat.persistence.jdbc.SqlStatement;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Param;

/** Restricts chats. */
public final class PostgresRestrictions implements Restrictions {
  private static final Param<Instant> NOW = Parameters.time("now");

  private static final SqlStatement RESTRICT =
      SqlStatement.of(
          insertInto(CHAT_STATE)
              .set(CHAT_STATE.TENANT_NAME, Parameters.TENANT)
              .set(CHAT_STATE.INSTANCE_NAME, Parameters.INSTANCE)
              .set(CHAT_STATE.PATIENT_ID, Parameters.PATIENT)
              .set(CHAT_STATE.RESTRICTED_AT, NOW)
              .onConflict(CHAT_STATE.TENANT_NAME, CHAT_STATE.INSTANCE_NAME, CHAT_STATE.PATIENT_ID)
              .doUpdate()
              .set(CHAT_STATE.RESTRICTED_AT, NOW));

  private static final SqlStatement RELEASE =
      SqlStatement.of(
          update(CHAT_STATE)
              .set(CHAT_STATE.RESTRICTED_AT, castNull(CHAT_STATE.RESTRICTED_AT))
              .where(ChatStates.key(CHAT_STATE).eq(chat()))
              .and(CHAT_STATE.RESTRICTED_AT.isNotNull()));

  private final Connections connections;
  private final Runnable onLogged;

  /**
   * @param connections for the role that stores
   * @param onLogged run after an event was logged
   */
  public PostgresRestrictions(Connections connections, Runnable onLogged) {
    this.connections = connections;
    this.onLogged = onLogged;
  }

  @Override
  public Optional<Instant> restrict(ChatId chat, UUID id, Instant now) {
    Optional<Instant> since =
        connections.inTransaction(connection -> {
          ChatLock locked = ChatLock.take(connection, chat);
          Optional<Instant> standing = locked.restrictedAt();
          if (standing.isPresent()) {
            return standing;
          }
          if (locked.lastCreatedAt().isEmpty() || locked.erasing().isPresent()) {
            return Optional.empty();
          }
          int _ = RESTRICT.bind().chat(chat).set(NOW, now).execute(connection);
          var _ = locked.log(EventType.CHAT_RESTRICTED, id, now);
          return Optional.of(now);
        });
    onLogged.run();
    return since;
  }

  @Override
  public boolean lift(ChatId chat, UUID id, Instant now) {
    boolean lifted =
        connections.inTransaction(connection -> {
          ChatLock locked = ChatLock.take(connection, chat);
          if (RELEASE.bind().chat(chat).execute(connection) == 0) {
            return false;
          }
          var _ = locked.log(EventType.CHAT_RELEASED, id, now);
          return true;
        });
    onLogged.run();
    return lifted;
  }
}
