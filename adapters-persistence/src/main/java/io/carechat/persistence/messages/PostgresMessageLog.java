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
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The messages, and the threads that store them. */
final class PostgresMessageLog implements MessageLog, AutoCloseable {
  /**
   * How many transactions are written at once: one syncs while another gathers. Each chat has its
   * writer, so that the writers never wait for each other's locks.
   */
  static final int WRITERS = 2;

  private static final int MOST_AT_ONCE = 64;
  private static final int MOST_WAITING = 1_024;

  /** A request is answered within two seconds, whatever happens to PostgreSQL. */
  private static final Duration PATIENCE = Duration.ofMillis(1_700);

  private final Connections storing;
  private final Runnable onLogged;
  private final MessageReads reads;
  private final InstanceReads instanceReads;
  private final MessageAppends appends;
  private final List<GroupCommit<NewMessage, Appended>> appending;

  /**
   * @param onLogged run after messages and their events were stored
   */
  PostgresMessageLog(
      Connections reading, Connections storing, InstantSource clock, Runnable onLogged) {
    this.storing = storing;
    this.onLogged = onLogged;
    this.reads = new MessageReads(reading);
    this.instanceReads = new InstanceReads(reading);
    this.appends = new MessageAppends(clock);
    this.appending =
        IntStream.range(0, WRITERS)
            .mapToObj(i ->
                new GroupCommit<NewMessage, Appended>(
                    "append-" + i, MOST_AT_ONCE, MOST_WAITING, PATIENCE, this::append))
            .toList();
  }

  private List<Appended> append(List<NewMessage> batch) throws SQLException {
    List<Appended> answers = storing.call(connection -> appends.append(connection, batch));
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
  public Slice read(ChatId chat, Window window, int limit) {
    return reads.read(chat, null, window, limit);
  }

  @Override
  public Slice readLoggedAfter(LogPosition position, ChatId chat, Window window, int limit) {
    return reads.read(chat, position, window, limit);
  }

  @Override
  public List<LoggedEvent> readLoggedAfter(LogPosition position, TenantInstance instance, int limit) {
    return instanceReads.loggedAfter(position, instance, limit);
  }

  @Override
  public List<Message> findAll(TenantInstance instance, Collection<MessageRef> messages) {
    return instanceReads.findAll(instance, messages);
  }

  @Override
  public Optional<Message> find(ChatId chat, ExternalId id) {
    return reads.findAll(chat, List.of(id)).stream().findFirst();
  }

  @Override
  public List<Message> findAll(ChatId chat, Collection<ExternalId> ids) {
    return ids.isEmpty() ? List.of() : reads.findAll(chat, ids);
  }

  /** Stores what waits, and takes no more. */
  @Override
  public void close() {
    appending.forEach(GroupCommit::close);
  }
}
