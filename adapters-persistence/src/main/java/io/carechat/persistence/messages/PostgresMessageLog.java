package io.carechat.persistence.messages;

import io.carechat.domain.chat.ChatId;
import io.carechat.domain.chat.ExternalId;
import io.carechat.domain.chat.Message;
import io.carechat.domain.chat.MessageRef;
import io.carechat.domain.chat.TenantInstance;
import io.carechat.domain.events.LogPosition;
import io.carechat.domain.events.LoggedEvent;
import io.carechat.domain.messages.MessageLog;
import io.carechat.domain.messages.NewMessage;
import io.carechat.domain.paging.Slice;
import io.carechat.domain.paging.Window;
import io.carechat.persistence.jdbc.Connections;
import io.carechat.persistence.jdbc.GroupCommit;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The messages in PostgreSQL, and the threads that store them. */
public final class PostgresMessageLog implements MessageLog, AutoCloseable {
  /**
   * How many transactions are written at once: one syncs while another gathers. Each chat always
   * has the same writer, so that the writers never wait for each other's locks.
   */
  public static final int WRITERS = 2;

  private static final int MAX_BATCH = 64;
  private static final int MAX_WAITING = 1_024;

  /** A request is answered within two seconds, whatever happens to PostgreSQL. */
  private static final Duration TIMEOUT = Duration.ofMillis(1_700);

  private final Connections storing;
  private final Runnable onLogged;
  private final ChatMessageReader chatReader;
  private final InstanceMessageReader instanceReader;
  private final MessageAppender appender;
  private final List<GroupCommit<NewMessage, Appended>> appending;

  /**
   * @param onLogged run after messages and their events were stored
   */
  public PostgresMessageLog(
      Connections reading, Connections storing, InstantSource clock, Runnable onLogged) {
    this.storing = storing;
    this.onLogged = onLogged;
    this.chatReader = new ChatMessageReader(reading);
    this.instanceReader = new InstanceMessageReader(reading);
    this.appender = new MessageAppender(clock);
    this.appending =
        IntStream.range(0, WRITERS)
            .mapToObj(i ->
                new GroupCommit<NewMessage, Appended>(
                    "append-" + i, MAX_BATCH, MAX_WAITING, TIMEOUT, this::append))
            .toList();
  }

  private List<Appended> append(List<NewMessage> batch) throws SQLException {
    List<Appended> answers = storing.call(connection -> appender.append(connection, batch));
    if (answers.stream().anyMatch(Appended.Stored.class::isInstance)) {
      onLogged.run();
    }
    return answers;
  }

  @Override
  public Appended append(NewMessage message) {
    return appending.get(Math.floorMod(message.chat().hashCode(), WRITERS)).write(message);
  }

  @Override
  public Optional<Appended> findEarlier(NewMessage message) {
    return chatReader.findByKey(message).map(message::compareWithEarlier);
  }

  @Override
  public Slice<Message> read(ChatId chat, Window<Instant> window, int limit) {
    return chatReader.read(chat, null, window, limit);
  }

  @Override
  public Slice<Message> readLoggedAfter(
      LogPosition position, ChatId chat, Window<Instant> window, int limit) {
    return chatReader.read(chat, position, window, limit);
  }

  @Override
  public List<LoggedEvent> readLoggedAfter(
      LogPosition position, TenantInstance instance, int limit) {
    return instanceReader.loggedAfter(position, instance, limit);
  }

  @Override
  public List<Message> findAll(TenantInstance instance, Collection<MessageRef> messages) {
    return instanceReader.findAll(instance, messages);
  }

  @Override
  public Optional<Message> find(ChatId chat, ExternalId id) {
    return chatReader.findAll(chat, List.of(id)).stream().findFirst();
  }

  @Override
  public List<Message> findAll(ChatId chat, Collection<ExternalId> ids) {
    return ids.isEmpty() ? List.of() : chatReader.findAll(chat, ids);
  }

  /** Accepts no more messages, and stores those that wait. */
  @Override
  public void close() {
    appending.forEach(GroupCommit::close);
  }
}
