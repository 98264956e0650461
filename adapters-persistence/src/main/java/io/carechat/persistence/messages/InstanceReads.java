package io.carechat.persistence.messages;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;

import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.persistence.events.PostgresEventLog;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.Rows;
import io.carechat.persistence.jdbc.Sql;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Reads messages of all chats of an instance, of as many as are asked for. */
final class InstanceReads {
  /** Also of transactions whose events the log still withholds from those who follow it. */
  private static final String LOGGED_AFTER =
      Sql.render(PostgresEventLog.events(PostgresEventLog.OF_INSTANCE));

  private static final String BY_CHATS_AND_IDS =
      Sql.render(
          select(
                  MESSAGE.TENANT_NAME,
                  MESSAGE.INSTANCE_NAME,
                  MESSAGE.PATIENT_ID,
                  MESSAGE.CREATED_AT,
                  MESSAGE.EXTERNAL_ID,
                  MESSAGE.SENDER_ID,
                  MESSAGE.SENDER_TYPE,
                  MESSAGE.SENDER_TITLE,
                  MESSAGE.TEXT)
              .from(
                  table("unnest({0}, {1})", Sql.uuids("patients"), Sql.uuids("ids"))
                      .as(name("wanted"), name("patient_id"), name("external_id")))
              .join(MESSAGE)
              .on(MESSAGE.PATIENT_ID.eq(field(name("wanted", "patient_id"), UUID.class)))
              .and(MESSAGE.EXTERNAL_ID.eq(field(name("wanted", "external_id"), UUID.class)))
              .where(MESSAGE.TENANT_NAME.eq(Sql.text("tenant")))
              .and(MESSAGE.INSTANCE_NAME.eq(Sql.text("instance"))));

  private final Connections connections;

  InstanceReads(Connections connections) {
    this.connections = connections;
  }

  /** What happened in the instance after the position, in the order of the log. */
  List<LoggedEvent> loggedAfter(LogPosition position, TenantInstance instance, int limit) {
    return connections.read(
        instance,
        LOGGED_AFTER,
        parameters ->
            parameters
                .text(instance.tenantName())
                .text(instance.instanceName())
                .number(position.transaction())
                .number(position.number())
                .number(limit),
        PostgresEventLog::logged);
  }

  /** Those of the given that the instance has, in no order. */
  List<Message> findAll(TenantInstance instance, Collection<MessageRef> messages) {
    List<MessageRef> wanted =
        messages.stream()
            .filter(message -> message.chat().instance().equals(instance))
            .distinct()
            .toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    return connections.read(
        instance,
        BY_CHATS_AND_IDS,
        parameters ->
            parameters
                .column("uuid", wanted, message -> message.chat().patient().value())
                .column("uuid", wanted, message -> message.id().value())
                .text(instance.tenantName())
                .text(instance.instanceName()),
        row -> Rows.message(Rows.chat(row), row));
  }
}
