package io.carechat.persistence.messages;

import static io.carechat.persistence.generated.Tables.CHAT_EVENT;
import static io.carechat.persistence.generated.Tables.MESSAGE;
import static io.carechat.persistence.jdbc.ChatKeys.instance;
import static org.jooq.impl.DSL.select;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.persistence.events.EventLogQuery;
import io.carechat.persistence.events.MessageColumns;
import io.carechat.persistence.jdbc.ChatKeys;
import io.carechat.persistence.jdbc.ChatStates;
import io.carechat.persistence.jdbc.Column;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GivenRows;
import io.carechat.persistence.jdbc.RowMapper;
import io.carechat.persistence.jdbc.SqlStatement;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jooq.Record;
import org.jooq.SelectConditionStep;
import org.jooq.SelectSelectStep;

/** Reads messages of all chats of an instance, no more than are asked for. */
final class InstanceMessageReader {
  /** Also of transactions whose events the log still withholds from those who follow it. */
  private static final SqlStatement LOGGED_AFTER =
      SqlStatement.ofInstance(
          EventLogQuery.after(instance(CHAT_EVENT).eq(instance()).and(EventLogQuery.isShown())));

  private static final EventLogQuery LOGGED_EVENTS = new EventLogQuery(LOGGED_AFTER);

  private static final GivenRows WANTED =
      GivenRows.of("wanted", MESSAGE.PATIENT_ID, MESSAGE.EXTERNAL_ID);

  private static final SqlStatement BY_REFS =
      SqlStatement.ofInstance(
          wanted(
                  select(MESSAGE.TENANT_NAME, MESSAGE.INSTANCE_NAME, MESSAGE.PATIENT_ID)
                      .select(MessageColumns.FIELDS))
              .and(ChatStates.isOpen(ChatKeys.chat(MESSAGE))));

  private static final SqlStatement EXISTING =
      SqlStatement.ofInstance(
          wanted(
              select(
                  MESSAGE.TENANT_NAME,
                  MESSAGE.INSTANCE_NAME,
                  MESSAGE.PATIENT_ID,
                  MESSAGE.EXTERNAL_ID)));

  private static final RowMapper<ChatId> EXISTING_CHAT = ChatKeys.chats(EXISTING);
  private static final Column<UUID> EXISTING_ID = EXISTING.column(MESSAGE.EXTERNAL_ID);

  private static final RowMapper<ChatId> CHAT = ChatKeys.chats(BY_REFS);
  private static final MessageColumns COLUMNS = new MessageColumns(BY_REFS);

  private final Connections connections;

  InstanceMessageReader(Connections connections) {
    this.connections = connections;
  }

  private static <R extends Record> SelectConditionStep<R> wanted(SelectSelectStep<R> columns) {
    return columns
        .from(WANTED.table())
        .join(MESSAGE)
        .on(MESSAGE.PATIENT_ID.eq(WANTED.field(MESSAGE.PATIENT_ID)))
        .and(MESSAGE.EXTERNAL_ID.eq(WANTED.field(MESSAGE.EXTERNAL_ID)))
        .where(instance(MESSAGE).eq(instance()));
  }

  /** What happened in the instance after the position, in the order of the log. */
  List<LoggedEvent> loggedAfter(LogPosition position, TenantInstance instance, int limit) {
    return connections.read(
        EventLogQuery.bind(LOGGED_AFTER.bind().instance(instance), position, limit), LOGGED_EVENTS);
  }

  /** Those of the given messages that the instance has and shows, in no order. */
  List<Message> findAll(TenantInstance instance, Collection<MessageRef> messages) {
    return read(BY_REFS, instance, messages, row -> COLUMNS.read(CHAT.map(row), row));
  }

  /** Those of the given messages that the instance has, whether they are shown or not. */
  Set<MessageRef> findExisting(TenantInstance instance, Collection<MessageRef> messages) {
    return Set.copyOf(
        read(
            EXISTING,
            instance,
            messages,
            row -> new MessageRef(EXISTING_CHAT.map(row), new ExternalId(EXISTING_ID.get(row)))));
  }

  private <T> List<T> read(
      SqlStatement statement,
      TenantInstance instance,
      Collection<MessageRef> messages,
      RowMapper<T> mapper) {
    List<MessageRef> wanted =
        messages.stream()
            .filter(message -> message.chat().instance().equals(instance))
            .distinct()
            .toList();
    if (wanted.isEmpty()) {
      return List.of();
    }
    return connections.read(
        statement
            .bind()
            .instance(instance)
            .set(WANTED, MESSAGE.PATIENT_ID, wanted, message -> message.chat().patient().value())
            .set(WANTED, MESSAGE.EXTERNAL_ID, wanted, message -> message.id().value()),
        mapper);
  }
}
