package io.carechat.persistence.messages;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.persistence.events.EventLogQuery;
import io.carechat.persistence.events.MessageColumns;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.util.Collection;
import java.util.List;

/** Reads messages of all chats of an instance, no more than are asked for. */
final class InstanceMessageReader {
  /** Also of transactions whose events the log still withholds from those who follow it. */
  private static final SqlStatement LOGGED_AFTER =
      SqlStatement.ofInstance(EventLogQuery.after(instance(CHAT_EVENT).eq(instance())));

  private static final EventLogQuery LOGGED_EVENTS = new EventLogQuery(LOGGED_AFTER);

  private static final GivenRows WANTED =
      GivenRows.of("wanted", MESSAGE.PATIENT_ID, MESSAGE.EXTERNAL_ID);

  private static final SqlStatement BY_REFS =
      SqlStatement.ofInstance(
          select(MESSAGE.TENANT_NAME, MESSAGE.INSTANCE_NAME, MESSAGE.PATIENT_ID)
              .select(MessageColumns.FIELDS)
              .from(WANTED.table())
              .join(MESSAGE)
              .on(MESSAGE.PATIENT_ID.eq(WANTED.field(MESSAGE.PATIENT_ID)))
              .and(MESSAGE.EXTERNAL_ID.eq(WANTED.field(MESSAGE.EXTERNAL_ID)))
              .where(instance(MESSAGE).eq(instance())));

  private static final RowMapper<ChatId> CHAT = ChatKeys.chats(BY_REFS);
  private static final MessageColumns COLUMNS = new MessageColumns(BY_REFS);

  private final Connections connections;

  InstanceMessageReader(Connections connections) {
    this.connections = connections;
  }

  /** What happened in the instance after the position, in the order of the log. */
  List<LoggedEvent> loggedAfter(LogPosition position, TenantInstance instance, int limit) {
    return connections.read(
        EventLogQuery.bind(LOGGED_AFTER.bind().instance(instance), position, limit), LOGGED_EVENTS);
  }

  /** Those of the given messages that the instance has, in no order. */
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
        BY_REFS
            .bind()
            .instance(instance)
            .set(WANTED, MESSAGE.PATIENT_ID, wanted, message -> message.chat().patient().value())
            .set(WANTED, MESSAGE.EXTERNAL_ID, wanted, message -> message.id().value()),
        row -> COLUMNS.read(CHAT.map(row), row));
  }
}
